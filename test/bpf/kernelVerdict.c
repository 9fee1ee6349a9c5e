/*
 * Makes real system calls under filters and says what the kernel made of each, without letting any of them run.
 *
 * stdin: records of { u32 abi (0 x86_64, 1 x86), u32 number, u64 args[6], u32 length, length instructions }.
 * stdout: one line for each: `allow`, `trace N`, `notify`, `errno N`, `trap N`, `kill_thread`, `kill_process`.
 *
 * A thread puts two filters on itself and then makes the call. The older one (the guard) answers TRACE to the probed
 * instruction and ALLOW to everything else; the newer one is the filter in question. The kernel takes the strictest
 * answer, of equal ones the newest filter's (kernel/seccomp.c, seccomp_run_filters), so the tracer sees the guard's
 * mark where the filter lets the call through, and takes the call away. LOG is seen as ALLOW.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MARK = 0xca11, TAKEN = 0x7ca11 };

struct call {
  uint32_t abi, number;
  uint64_t args[6];
};
enum kind { NOTHING, RETURNED, TRAPPED, FAILED };
struct shared {
  volatile enum kind kind;
  volatile long value;
  volatile int listener;
};

static struct call call;
static struct sock_filter filter[4096];
static struct sock_fprog program = {.filter = filter};
static struct shared *shared;

/* Both probed instructions; the binary is linked below 4 GiB, so the low half of instruction_pointer names them. */
long make64(uint64_t number, uint64_t *args);
long make32(uint64_t number, uint64_t *args);
extern char after64[], after32[];
__asm__(".text\n"
        "make64:\n"
        "  mov %rdi, %rax; mov %rsi, %r11\n"
        "  mov 0(%r11), %rdi; mov 8(%r11), %rsi; mov 16(%r11), %rdx\n"
        "  mov 24(%r11), %r10; mov 32(%r11), %r8; mov 40(%r11), %r9\n"
        "  syscall\n"
        "after64:\n"
        "  ret\n"
        "make32:\n"
        "  push %rbx; push %rbp\n"
        "  mov %rdi, %rax; mov %rsi, %r11\n"
        "  mov 0(%r11), %rbx; mov 8(%r11), %rcx; mov 16(%r11), %rdx\n"
        "  mov 32(%r11), %rdi; mov 40(%r11), %rbp; mov 24(%r11), %rsi\n"
        "  int $0x80\n"
        "after32:\n"
        "  movslq %eax, %rax\n"
        "  pop %rbp; pop %rbx\n"
        "  ret\n");

/* The filter in question may forbid every further call, so whoever is done waits without one. */
static void done(enum kind kind, long value) {
  shared->value = value;
  shared->kind = kind;
  for (;;) __asm__ volatile("pause");
}

static void trapped(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  done(TRAPPED, info->si_errno);
}

static long raw_seccomp(unsigned flags, struct sock_fprog *fprog) {
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(SYS_seccomp), "D"(SECCOMP_SET_MODE_FILTER), "S"(flags), "d"(fprog)
                   : "rcx", "r11", "memory");
  return result;
}

static void *ask(void *nothing) {
  (void)nothing;
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(uintptr_t)after64, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(uintptr_t)after32, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | MARK),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog guard = {.len = 5, .filter = code};
  if (raw_seccomp(0, &guard) != 0) done(FAILED, 1);
  long fd = raw_seccomp(SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  if (fd < 0) done(FAILED, fd);
  shared->listener = (int)fd;
  done(RETURNED, call.abi == 1 ? make32(call.number, call.args) : make64(call.number, call.args));
  return NULL;
}

/* The process: its first thread has no filter, and ends it all when the verdict is there. 2: NOTIFY. */
static void process(void) {
  struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO};
  sigaction(SIGSYS, &action, NULL);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  raise(SIGSTOP);
  pthread_t thread;
  if (pthread_create(&thread, NULL, ask, NULL) != 0) _exit(9);
  while (shared->kind == NOTHING) {
    if (pthread_tryjoin_np(thread, NULL) == 0) break;
    struct pollfd ready = {.fd = shared->listener, .events = POLLIN};
    if (shared->listener != 0 && poll(&ready, 1, 0) == 1 && (ready.revents & POLLIN)) _exit(2);
    sched_yield();
  }
  _exit(0);
}

static void verdict(void) {
  memset((void *)shared, 0, sizeof *shared);
  pid_t leader = fork();
  if (leader == 0) process();
  int status, end = -1;
  long traced = -1;
  waitpid(leader, &status, WUNTRACED);
  if (ptrace(PTRACE_SEIZE, leader, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL) != 0) {
    perror("ptrace");
    exit(3);
  }
  kill(leader, SIGCONT);
  while (end < 0) {
    pid_t who = waitpid(-1, &status, __WALL);
    if (who < 0) break;
    if (!WIFSTOPPED(status)) {
      if (who == leader) end = status;
      continue;
    }
    int signal = WSTOPSIG(status), event = status >> 16;
    if (event == PTRACE_EVENT_SECCOMP) {
      unsigned long message;
      struct user_regs_struct registers;
      ptrace(PTRACE_GETEVENTMSG, who, 0, &message);
      traced = (long)message;
      ptrace(PTRACE_GETREGS, who, 0, &registers);
      registers.orig_rax = (unsigned long)-1;
      registers.rax = TAKEN;
      ptrace(PTRACE_SETREGS, who, 0, &registers);
    }
    ptrace(PTRACE_CONT, who, 0, event == 0 && signal != SIGTRAP && signal != SIGSTOP ? signal : 0);
  }
  if (WIFSIGNALED(end)) puts(WTERMSIG(end) == SIGSYS ? "kill_process" : "lost");
  else if (WEXITSTATUS(end) == 2) puts("notify");
  else if (WEXITSTATUS(end) != 0 || shared->kind == FAILED) printf("failed %ld\n", shared->value);
  else if (shared->kind == NOTHING) puts("kill_thread");
  else if (shared->kind == TRAPPED) printf("trap %ld\n", shared->value);
  else if (traced == MARK) puts("allow");
  else if (traced >= 0) printf("trace %ld\n", traced);
  else printf("errno %ld\n", -shared->value);
}

int main(void) {
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  uint32_t length;
  while (fread(&call, sizeof call, 1, stdin) == 1 && fread(&length, sizeof length, 1, stdin) == 1) {
    if (length > 4096 || fread(filter, sizeof *filter, length, stdin) != length) return 1;
    program.len = (unsigned short)length;
    verdict();
    fflush(stdout);
  }
  return 0;
}
