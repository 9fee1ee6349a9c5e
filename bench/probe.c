// probe load FILTER ROUNDS     microseconds of seccomp(2) in fresh processes, median and minimum
// probe calls ROUNDS CALLS [FILTER NUMBER ARG]…  nanoseconds of one system call each under its filter ("-": none): a line for
//                              each with median, minimum and the median of its ratios to the first in the same round
// probe each NUMBER ARG CALLS nanoseconds of one system call, each measured alone: median and minimum
// probe start ROUNDS COMMAND…  microseconds from posix_spawn to the end of the command, median and minimum
// probe beside ROUNDS LAUNCHER COMMAND…  how many microseconds longer the command takes with the launcher in front of it than
//                              right before without it: the median, and the least time less the least one without
// probe cost ROUNDS COMMAND…   milliseconds of processor time of the command, median and minimum, and its most memory in MiB
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return (d > 0) - (d < 0);
}

static void print(double *times, int rounds, double unit) {
  qsort(times, rounds, sizeof *times, ascending);
  printf("%.2f %.2f\n", times[rounds / 2] / unit, times[0] / unit);
}

static double load(const char *file) {
  static struct sock_filter code[BPF_MAXINSNS];
  int fd = open(file, O_RDONLY);
  ssize_t bytes = read(fd, code, sizeof code);
  struct sock_fprog program = {bytes / sizeof *code, code};
  close(fd);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  double start = now();
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) _exit(1);
  return now() - start;
}

// Nanoseconds that a command takes.
static double run(char **words) {
  int status;
  pid_t child;
  double start = now();
  if (posix_spawnp(&child, words[0], 0, 0, words, environ)) exit(1);
  waitpid(child, &status, 0);
  if (status != 0) exit(1);
  return now() - start;
}

int main(int argc, char **argv) {
  if (argc > 3 && !strcmp(argv[1], "load")) {
    int rounds = atoi(argv[3]);
    double *times = mmap(0, rounds * sizeof *times, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < rounds; i++) {
      int status;
      pid_t child = fork();
      if (child == 0) {
        times[i] = load(argv[2]);
        _exit(0);
      }
      waitpid(child, &status, 0);
      if (status != 0) return 1;
    }
    print(times, rounds, 1e3);
    return 0;
  }
  if (argc > 6 && !strcmp(argv[1], "calls")) {
    int rounds = atoi(argv[2]), calls = atoi(argv[3]), ways = (argc - 4) / 3, status;
    double *times = mmap(0, ways * rounds * sizeof *times, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    double ratios[rounds];
    // One after the other on one processor, so that what disturbs one round disturbs all that are compared in it.
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
    for (int round = 0; round < rounds; round++)
      for (int way = 0; way < ways; way++) {
        char **words = argv + 4 + 3 * way;
        if (fork() == 0) {
          long number = atol(words[1]), argument = strtol(words[2], 0, 0);
          if (strcmp(words[0], "-")) load(words[0]);
          for (int i = 0; i < calls / 10; i++) syscall(number, argument, 0, 0);
          double start = now();
          for (int i = 0; i < calls; i++) syscall(number, argument, 0, 0);
          times[way * rounds + round] = (now() - start) / calls;
          // exit_group is allowed by every filter that is measured.
          _exit(0);
        }
        wait(&status);
        if (status != 0) return 1;
      }
    double of_way[rounds];
    for (int way = 0; way < ways; way++) {
      for (int round = 0; round < rounds; round++) {
        of_way[round] = times[way * rounds + round];
        ratios[round] = of_way[round] / times[round];
      }
      qsort(ratios, rounds, sizeof *ratios, ascending);
      qsort(of_way, rounds, sizeof *of_way, ascending);
      printf("%.1f %.1f %.3f\n", of_way[rounds / 2], of_way[0], ratios[rounds / 2]);
    }
    return 0;
  }
  if (argc > 4 && !strcmp(argv[1], "each")) {
    int calls = atoi(argv[4]);
    long number = atol(argv[2]), argument = strtol(argv[3], 0, 0);
    double *times = malloc(calls * sizeof *times);
    for (int i = 0; i < calls; i++) {
      double start = now();
      syscall(number, argument, 0, 0);
      times[i] = now() - start;
    }
    print(times, calls, 1);
    return 0;
  }
  if (argc > 3 && !strcmp(argv[1], "cost")) {
    int rounds = atoi(argv[2]), status;
    double times[rounds];
    long most = 0;
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    for (int i = 0; i < rounds; i++) {
      struct rusage usage;
      pid_t child;
      if (posix_spawnp(&child, argv[3], &quiet, 0, argv + 3, environ)) return 1;
      wait4(child, &status, 0, &usage);
      if (status != 0) return 1;
      times[i] = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
      if (usage.ru_maxrss > most) most = usage.ru_maxrss;
    }
    qsort(times, rounds, sizeof *times, ascending);
    printf("%.2f %.2f %.1f\n", times[rounds / 2], times[0], most / 1024.0);
    return 0;
  }
  if (argc > 3 && !strcmp(argv[1], "start")) {
    int rounds = atoi(argv[2]);
    double times[rounds];
    for (int i = 0; i < rounds; i++) times[i] = run(argv + 3);
    print(times, rounds, 1e3);
    return 0;
  }
  if (argc > 4 && !strcmp(argv[1], "beside")) {
    int rounds = atoi(argv[2]);
    double times[rounds], least_plain = 0, least_launched = 0;
    for (int i = 0; i < rounds; i++) {
      double plain = run(argv + 4), launched = run(argv + 3);
      if (i == 0 || plain < least_plain) least_plain = plain;
      if (i == 0 || launched < least_launched) least_launched = launched;
      times[i] = launched - plain;
    }
    qsort(times, rounds, sizeof *times, ascending);
    printf("%.2f %.2f\n", times[rounds / 2] / 1e3, (least_launched - least_plain) / 1e3);
    return 0;
  }
  return 2;
}
