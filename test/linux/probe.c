/* Makes system calls and prints what they answer. Test-only. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long number;

static int answer(void) {
  errno = 0;
  long result = syscall(number, 0, 0, 0, 0, 0, 0);
  return result < 0 ? errno : 0;
}

static long wrong;
static int expected, rounds;

static void *in_thread(void *unused) {
  (void)unused;
  for (int i = 0; i < rounds; i++)
    if (answer() != expected) __atomic_add_fetch(&wrong, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

static int int80(int nr, int first) {
#ifdef __x86_64__
  int result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(first), "c"(0), "d"(0), "S"(0), "D"(0) : "memory");
  return result;
#else
  (void)nr; (void)first;
  return -ENOSYS;
#endif
}

static volatile sig_atomic_t signals;
static void on_signal(int unused) { (void)unused; signals++; }

int main(int argc, char **argv) {
  if (argc < 3) return 99;
  number = atol(argv[2]);
  /* call NUMBER: prints the errno. */
  if (!strcmp(argv[1], "call")) {
    printf("%d\n", answer());
    return 0;
  }
  /* sockets COUNT: one of AF_UNIX, COUNT of AF_INET. */
  if (!strcmp(argv[1], "sockets")) {
    close(socket(AF_UNIX, SOCK_STREAM, 0));
    for (int i = 0; i < number; i++) close(socket(AF_INET, SOCK_DGRAM, 0));
    return 0;
  }
  /* values NUMBER COUNT: COUNT calls, each with another first argument that means nothing. */
  if (!strcmp(argv[1], "values")) {
    for (long i = 0; i < atol(argv[3]); i++) syscall(number, 1000000 + i, 0, 0, 0, 0, 0);
    return 0;
  }
  /* int80 NUMBER FIRST: a 32-bit call; prints the raw result. */
  if (!strcmp(argv[1], "int80")) {
    printf("%d\n", int80(atoi(argv[2]), argc > 3 ? atoi(argv[3]) : 0));
    return 0;
  }
  /* time NUMBER ROUNDS: prints nanoseconds per call. */
  if (!strcmp(argv[1], "time")) {
    struct timespec a, b;
    long n = atol(argv[3]);
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (long i = 0; i < n; i++) answer();
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%ld\n", ((b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec) / n);
    return 0;
  }
  expected = argc > 3 ? atoi(argv[3]) : 0;
  int tasks = argc > 4 ? atoi(argv[4]) : 1;
  rounds = argc > 5 ? atoi(argv[5]) : 1;
  /* threads NUMBER ERRNO TASKS ROUNDS, forks …: prints how many answers were not ERRNO. */
  if (!strcmp(argv[1], "threads")) {
    pthread_t all[1024];
    for (int i = 0; i < tasks; i++) pthread_create(&all[i], NULL, in_thread, NULL);
    for (int i = 0; i < tasks; i++) pthread_join(all[i], NULL);
    printf("%ld\n", wrong);
    return 0;
  }
  if (!strcmp(argv[1], "forks")) {
    int started = 0;
    for (int i = 0; i < tasks; i++) {
      pid_t pid = fork();
      if (pid == 0) {
        in_thread(NULL);
        _exit(wrong != 0);
      }
      if (pid > 0) started++;
    }
    int status;
    while (wait(&status) > 0)
      if (status != 0) wrong++;
    printf("%ld of %d\n", wrong, started);
    return 0;
  }
  /* vforks …: each child calls while its parent is stopped in vfork(2), which has only the child to wait for. */
  if (!strcmp(argv[1], "vforks")) {
    for (int i = 0; i < tasks; i++) {
      int status;
      pid_t pid = vfork();
      if (pid == 0) _exit(answer() != expected);
      if (waitpid(pid, &status, 0) != pid || status != 0) wrong++;
    }
    printf("%ld\n", wrong);
    return 0;
  }
  /* repeat NUMBER: every 5 ms, for ten seconds; prints the errno each time it changes. */
  if (!strcmp(argv[1], "repeat")) {
    int last = -1;
    alarm(10); /* nobody ends an orphan */
    for (;;) {
      int now = answer();
      if (now != last) {
        printf("%d\n", now);
        fflush(stdout);
        last = now;
      }
      usleep(5000);
    }
  }
  /* linger NUMBER FILE MS: leaves a child behind that makes the call after MS milliseconds and writes the errno to FILE. */
  if (!strcmp(argv[1], "linger")) {
    if (fork() != 0) return 0;
    setsid();
    fclose(stdin);
    usleep(1000 * atoi(argv[4]));
    int got = answer();
    FILE *file = fopen(argv[3], "w");
    fprintf(file, "%d", got);
    fclose(file);
    return 0;
  }
  /* interrupted NUMBER ERRNO, restarted …: denied calls while signals come in, without and with SA_RESTART; prints
     how many answers were EINTR, and how many neither that nor ERRNO. */
  if (!strcmp(argv[1], "interrupted") || !strcmp(argv[1], "restarted")) {
    struct sigaction action = {.sa_handler = on_signal};
    if (!strcmp(argv[1], "restarted")) action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, NULL);
    pid_t parent = getpid(), child = fork();
    if (child == 0)
      for (;;) {
        kill(parent, SIGUSR1);
        usleep(50);
      }
    int interrupted = 0;
    for (int i = 0; i < 2000 || signals < 10; i++) {
      int got = answer();
      if (got == EINTR) interrupted++;
      else if (got != expected) wrong++;
    }
    kill(child, SIGKILL);
    printf("%d %ld\n", interrupted, wrong);
    return 0;
  }
  /* stuck NUMBER: leaves a child behind that makes the call with the address of a page which nobody will ever fill. */
  if (!strcmp(argv[1], "stuck")) {
    if (fork() != 0) {
      usleep(300000);
      return 7;
    }
    alarm(20);
    fclose(stdin);
    int fd = syscall(SYS_userfaultfd, 0);
    struct uffdio_api api = {.api = UFFD_API};
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct uffdio_register range = {.range = {(unsigned long)page, 4096}, .mode = UFFDIO_REGISTER_MODE_MISSING};
    if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range)) return 98;
    syscall(number, page, 0);
    return 0;
  }
  return 99;
}
