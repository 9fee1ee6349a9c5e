/*
 * Makes calls that a profile denies, each task with an errno of its own: sched_get_priority_max(1000 + i) must give
 * ERRNO 1000 + i. Prints how many answers were others'.
 *
 * threads N ROUNDS: N threads at once. processes N ROUNDS: N processes that are all there before the first calls.
 * killed N: N processes, one after the other, that are killed while they make such calls.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BASE = 1000 };
static int rounds;
static long wrong;

static int isWrong(long i) {
  errno = 0;
  return sched_get_priority_max(BASE + (int)i) != -1 || errno != BASE + i;
}

static void *thread(void *i) {
  for (int round = 0; round < rounds; round++)
    if (isWrong((long)i)) __atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 3) return 99;
  long count = atol(argv[2]);
  rounds = argc > 3 ? atoi(argv[3]) : 1;
  if (!strcmp(argv[1], "threads")) {
    pthread_t all[64];
    if (count > 64) return 99;
    for (long i = 0; i < count; i++) pthread_create(&all[i], NULL, thread, (void *)i);
    for (long i = 0; i < count; i++) pthread_join(all[i], NULL);
    printf("%ld wrong of %ld\n", wrong, count * rounds);
    return 0;
  }
  if (!strcmp(argv[1], "processes")) {
    int gate[2];
    if (pipe(gate) != 0) return 99;
    long started = 0;
    for (long i = 0; i < count; i++) {
      pid_t pid = fork();
      if (pid == 0) {
        char byte;
        close(gate[1]);
        if (read(gate[0], &byte, 1) != 0) _exit(2);
        thread((void *)i);
        _exit(wrong != 0);
      }
      if (pid > 0) started++;
    }
    close(gate[1]);
    int status;
    while (wait(&status) > 0)
      if (status != 0) wrong++;
    printf("%ld wrong of %ld\n", wrong, started);
    return 0;
  }
  if (!strcmp(argv[1], "killed")) {
    for (long i = 0; i < count; i++) {
      pid_t pid = fork();
      if (pid == 0)
        for (;;)
          if (isWrong(0)) _exit(1);
      usleep((useconds_t)(i * 37 % 900));
      kill(pid, SIGKILL);
      int status;
      waitpid(pid, &status, 0);
      if (!WIFSIGNALED(status)) wrong++;
      if (isWrong(1)) wrong++;
    }
    printf("%ld wrong of %ld\n", wrong, count);
    return 0;
  }
  return 99;
}
