/*
 * Makes real system calls under stacks of filters and says what the kernel made of each.
 *
 * stdin: batches of { u32 traced, u32 filters, u32 calls }, the filters from the oldest to the newest
 * { u32 length, length instructions }, the calls { u32 abi (0 x86_64, 1 x86), u32 number, u64 args[6] }.
 * stdout: a line with both probed instruction pointers, then a line for each call: `allow`, `trace N`, `notify`,
 * `errno N`, `trap N`, `kill_thread`, `kill_process`; `unasked` where the kernel did not ask the filters (uretprobe of
 * x86_64, which ends in SIGILL here).
 *
 * A thread puts the filters on itself and then makes one call after the other. It makes no other call, since the filters
 * may forbid any: a trapped call is left by a jump out of the handler, and the end of the list is a write
 * to address 0. Whoever is killed is replaced by a new process, which goes on behind the call that killed it.
 *
 * Traced, no call runs: below the filters lies another one (the guard), which answers TRACE to the probed instructions
 * and ALLOW to everything else. The kernel takes the strictest answer, of equal ones the newest filter's
 * (kernel/seccomp.c, seccomp_run_filters), so the tracer sees the guard's mark where the filters let the call through,
 * and takes the call away. LOG is seen as ALLOW. Not traced, allowed calls run (they had better be harmless), and TRACE
 * and USER_NOTIF have nobody to answer them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MARK = 0xca11, TAKEN = 0x7ca11, MAX_FILTERS = 8, MAX_CALLS = 4096, PREFIX = 4 };

struct call {
  uint32_t abi, number;
  uint64_t args[6];
};
struct answer {
  enum { NOTHING, RETURNED, TRAPPED, THREAD_KILLED, PROCESS_KILLED, UNASKED, LOST } kind;
  long value;
  /* What the tracer was told, and whether the listener was. */
  long traced;
  int noticed;
};
struct shared {
  volatile int listener, current;
  volatile long failed;
  volatile struct answer answers[MAX_CALLS];
};

static uint32_t traced, filters, count;
static struct call calls[MAX_CALLS];
static struct sock_filter code[MAX_FILTERS][4096 + PREFIX];
static struct sock_fprog programs[MAX_FILTERS];
static struct shared *shared;
static void *again[6];

/* Both probed instructions and the one that loads filters; the binary is linked below 4 GiB, so the low half of
   instruction_pointer names them. */
long make64(uint64_t number, uint64_t *args);
long make32(uint64_t number, uint64_t *args);
long install(long operation, unsigned flags, struct sock_fprog *program);
extern char after64[], after32[], after_install[];
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
        "  ret\n"
        "install:\n"
        "  mov $317, %eax\n"
        "  syscall\n"
        "after_install:\n"
        "  ret\n");

static void trapped(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  volatile struct answer *answer = &shared->answers[shared->current];
  answer->kind = (uint32_t)info->si_syscall == calls[shared->current].number ? TRAPPED : LOST;
  answer->value = info->si_errno;
  __builtin_longjmp(again, 1);
}

static void __attribute__((noreturn)) end(void) {
  for (;;) *(volatile int *)again[5] = 0;
}

static void *ask(void *nothing) {
  (void)nothing;
  struct sock_filter body[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(uintptr_t)after64, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(uintptr_t)after32, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | MARK),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog guard = {.len = 5, .filter = body};
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  long result = traced ? install(SECCOMP_SET_MODE_FILTER, 0, &guard) : 0;
  for (uint32_t i = 0; i < filters && result >= 0; i++) {
    unsigned flags = traced && i + 1 == filters ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
    result = install(SECCOMP_SET_MODE_FILTER, flags, &programs[i]);
    if (flags != 0 && result >= 0) shared->listener = (int)result;
  }
  if (result < 0) {
    shared->failed = result;
    end();
  }
  for (; shared->current < (int)count; shared->current++) {
    struct call *call = &calls[shared->current];
    if (__builtin_setjmp(again) != 0) continue;
    shared->answers[shared->current].value = (call->abi == 1 ? make32 : make64)(call->number, call->args);
    shared->answers[shared->current].kind = RETURNED;
  }
  end();
}

/* The process: its first thread has no filter, and answers notifications. */
static void process(void) {
  struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGSYS, &action, NULL);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (traced) {
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    raise(SIGSTOP);
  }
  pthread_t thread;
  if (pthread_create(&thread, NULL, ask, NULL) != 0) _exit(9);
  while (traced) {
    if (shared->listener == 0) {
      sched_yield();
      continue;
    }
    struct seccomp_notif notification = {0};
    if (ioctl(shared->listener, SECCOMP_IOCTL_NOTIF_RECV, &notification) != 0) {
      sched_yield();
      continue;
    }
    shared->answers[shared->current].noticed = 1;
    struct seccomp_notif_resp response = {.id = notification.id, .val = TAKEN};
    ioctl(shared->listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
  }
  pthread_join(thread, NULL);
  _exit(0);
}

/* Follows one process to its end: what ended it, and whether it was at the end of its list. */
static int follow(pid_t leader, int *finished) {
  int status, thread_died = 0, unasked = 0;
  if (!traced) {
    waitpid(leader, &status, 0);
    *finished = WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
    if (WIFEXITED(status)) return WEXITSTATUS(status) == 0 ? THREAD_KILLED : LOST;
    return WTERMSIG(status) == SIGSYS ? PROCESS_KILLED : LOST;
  }
  waitpid(leader, &status, WUNTRACED);
  if (ptrace(PTRACE_SEIZE, leader, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL) != 0) {
    perror("ptrace");
    exit(3);
  }
  kill(leader, SIGCONT);
  for (;;) {
    pid_t who = waitpid(-1, &status, __WALL);
    if (who < 0) return LOST;
    if (!WIFSTOPPED(status)) {
      if (who == leader) break;
      thread_died = 1;
      /* It does not change the end of a process that KILL_PROCESS has ended already. */
      kill(leader, SIGKILL);
      continue;
    }
    int signal = WSTOPSIG(status), event = status >> 16;
    if (event == PTRACE_EVENT_SECCOMP) {
      unsigned long message;
      struct user_regs_struct registers;
      ptrace(PTRACE_GETEVENTMSG, who, 0, &message);
      shared->answers[shared->current].traced = (long)message;
      ptrace(PTRACE_GETREGS, who, 0, &registers);
      registers.orig_rax = (unsigned long)-1;
      registers.rax = TAKEN;
      ptrace(PTRACE_SETREGS, who, 0, &registers);
    } else if (event == 0 && (signal == SIGSEGV || signal == SIGILL)) {
      *(signal == SIGSEGV ? finished : &unasked) = 1;
      kill(leader, SIGKILL);
    }
    ptrace(PTRACE_CONT, who, 0, event == 0 && signal != SIGTRAP && signal != SIGSTOP ? signal : 0);
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) return PROCESS_KILLED;
  return unasked ? UNASKED : thread_died ? THREAD_KILLED : LOST;
}

static void print(volatile struct answer *answer) {
  switch (answer->kind) {
    case TRAPPED: printf("trap %ld\n", answer->value); break;
    case THREAD_KILLED: puts("kill_thread"); break;
    case PROCESS_KILLED: puts("kill_process"); break;
    case UNASKED: puts("unasked"); break;
    case NOTHING:
    case LOST: puts("lost"); break;
    case RETURNED:
      if (answer->noticed) puts("notify");
      else if (answer->traced == MARK) puts("allow");
      else if (answer->traced >= 0) printf("trace %ld\n", answer->traced);
      else if (answer->value > 0) puts("allow");
      else printf("errno %ld\n", -answer->value);
  }
}

static void answer_all(void) {
  shared->failed = 0;
  for (uint32_t i = 0; i < count; i++) {
    memset((void *)&shared->answers[i], 0, sizeof shared->answers[i]);
    shared->answers[i].traced = -1;
  }
  for (shared->current = 0; shared->current < (int)count && shared->failed == 0; shared->current++) {
    shared->listener = 0;
    fflush(stdout);
    pid_t leader = fork();
    if (leader == 0) process();
    int finished = 0, end = follow(leader, &finished);
    if (finished) break;
    shared->answers[shared->current].kind = end;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (shared->failed != 0) printf("failed %ld\n", shared->failed);
    else print(&shared->answers[i]);
  }
}

int main(void) {
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  printf("%lu %lu\n", (unsigned long)after64, (unsigned long)after32);
  struct sock_filter prefix[PREFIX] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(uintptr_t)after_install, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_LD | BPF_IMM, 0),
  };
  while (fread(&traced, sizeof traced, 1, stdin) == 1) {
    if (fread(&filters, sizeof filters, 1, stdin) != 1 || fread(&count, sizeof count, 1, stdin) != 1) return 1;
    if (filters > MAX_FILTERS || count > MAX_CALLS) return 1;
    for (uint32_t i = 0; i < filters; i++) {
      uint32_t length;
      if (fread(&length, sizeof length, 1, stdin) != 1 || length > 4096) return 1;
      if (fread(code[i] + PREFIX, sizeof **code, length, stdin) != length) return 1;
      memcpy(code[i], prefix, sizeof prefix);
      /* An older filter must let the newer ones be loaded; for the newest one the prefix is left out. */
      int older = i + 1 < filters;
      programs[i] = (struct sock_fprog){length + (older ? PREFIX : 0), code[i] + (older ? 0 : PREFIX)};
    }
    if (fread(calls, sizeof *calls, count, stdin) != count) return 1;
    answer_all();
  }
  return 0;
}
