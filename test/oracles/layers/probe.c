/* Makes one system call in a given place and prints its errno, 0 when it succeeded. Test-only.
 *
 * probe [-U FLAGS] [-w PATH=VALUE]... NUMBER [ARGUMENT]...
 *   -U  unshare(FLAGS) first            -w  writes a file after that
 *   ARGUMENT: a number; s:TEXT, x:HEX (bytes); o:PATH (opened for reading), k:FAMILY,TYPE,PROTOCOL (a socket),
 *   p:PID (a pidfd)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void fail(const char *what) {
  fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
  exit(99);
}

static long checked(long result, const char *what) {
  if (result < 0) fail(what);
  return result;
}

static long bytes(const char *hex) {
  static unsigned char memory[6][512];
  static int used;
  unsigned char *place = memory[used++];
  for (int i = 0; hex[2 * i] && hex[2 * i + 1]; i++) {
    char pair[3] = {hex[2 * i], hex[2 * i + 1], 0};
    place[i] = (unsigned char)strtoul(pair, NULL, 16);
  }
  return (long)place;
}

static long argument(const char *word) {
  if (word[0] && word[1] == ':') {
    const char *rest = word + 2;
    int family, type, protocol;
    switch (word[0]) {
    case 's': return (long)rest;
    case 'x': return bytes(rest);
    case 'o': return checked(open(rest, O_RDONLY), rest);
    case 'p': return checked(syscall(SYS_pidfd_open, atoi(rest), 0), "pidfd_open");
    case 'k':
      if (sscanf(rest, "%d,%d,%d", &family, &type, &protocol) != 3) fail(word);
      return checked(socket(family, type, protocol), word);
    }
  }
  return (long)strtoul(word, NULL, 0);
}

int main(int argc, char **argv) {
  int at = 1;
  for (; at + 1 < argc && argv[at][0] == '-' && argv[at][1] && !argv[at][2]; at += 2) {
    char *word = argv[at + 1];
    if (argv[at][1] == 'U') {
      checked(unshare((int)strtoul(word, NULL, 0)), "unshare");
    } else {
      char *value = strchr(word, '=');
      *value++ = 0;
      int fd = (int)checked(open(word, O_WRONLY), word);
      checked(write(fd, value, strlen(value)), word);
      close(fd);
    }
  }
  long number = strtol(argv[at++], NULL, 0), args[6] = {0};
  for (int i = 0; i < 6 && at < argc; i++) args[i] = argument(argv[at++]);
  pid_t self = getpid();
  errno = 0;
  long result = syscall(number, args[0], args[1], args[2], args[3], args[4], args[5]);
  int error = result < 0 ? errno : 0;
  if (getpid() != self) _exit(0);
  printf("%d\n", error);
  return 0;
}
