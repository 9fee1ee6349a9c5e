/*
 * Makes a list of system calls and says what became of each.
 *
 * It runs as process 1 of a container whose filter is under test, so it has no libc, reads no file (the list is
 * written into its `.calls` section before it is started) and needs only these calls of the filter: clone, wait4,
 * write, exit_group, prctl; and mmap, rt_sigprocmask, rt_sigtimedwait, kill (REAL) or seccomp, poll, ioctl (VERDICT).
 *
 * REAL: each call is made in a forked child with the given arguments, and runs if the filter lets it.
 * VERDICT: no call ever runs. The child stacks a second filter whose answer to the probed instruction is USER_NOTIF,
 * and the parent answers each notification with REACHED. The kernel takes the strictest answer of all filters, and
 * ERRNO, TRAP and KILL are stricter than USER_NOTIF (kernel/seccomp.c, seccomp_run_filters), so the child sees
 * REACHED when the container's filter lets the call through, and that filter's own errno otherwise.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/ioctl.h>
#include <linux/seccomp.h>
#include <asm/unistd.h>

typedef unsigned long u64;
typedef long s64;

enum { REAL = 0, VERDICT = 1 };
enum { X86_64 = 0, X86 = 1, X32 = 2 };
enum { NOT_MADE = 0, RETURNED = 1, REACHED = 2, SIGNALLED = 3, EXITED = 4, BLOCKED = 5 };
enum { MAX_CALLS = 12288, REACHED_VALUE = 0x7ca11 };
#define X32_BIT 0x40000000

struct call {
  u64 abi, number, args[6], patience_ms, forks;
};
struct result {
  u64 kind;
  s64 value;
};

__attribute__((section(".calls"))) volatile struct {
  char magic[16];
  u64 mode, count;
  struct call calls[MAX_CALLS];
} list = {.magic = "callgate-probe-1"};

static struct result own_results[MAX_CALLS];
static struct result *volatile results = own_results;
static volatile u64 next;
static char child_stack[65536] __attribute__((aligned(16)));

static s64 sys(u64 number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f) {
  register u64 r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  s64 out;
  __asm__ volatile("syscall"
                   : "=a"(out)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return out;
}
#define S1(n, a) sys(n, (u64)(a), 0, 0, 0, 0, 0)
#define S2(n, a, b) sys(n, (u64)(a), (u64)(b), 0, 0, 0, 0)
#define S3(n, a, b, c) sys(n, (u64)(a), (u64)(b), (u64)(c), 0, 0, 0)
#define S4(n, a, b, c, d) sys(n, (u64)(a), (u64)(b), (u64)(c), (u64)(d), 0, 0)

/*
 * s64 make64(u64 number, volatile u64 *args, u64 forks), make32 likewise by int $0x80: the probed instructions.
 * A child that the call itself made (result 0 of a call that forks) ends at once: after vfork it shares our stack.
 */
s64 make64(u64 number, volatile u64 *args, u64 forks);
s64 make32(u64 number, volatile u64 *args, u64 forks);
extern char after64[], after32[];
__asm__(".text\n"
        "make64:\n"
        "  push %rbx; push %rbp\n"
        "  mov %rdx, %rbx; mov %rdi, %rax; mov %rsi, %r11\n"
        "  mov 0(%r11), %rdi; mov 8(%r11), %rsi; mov 16(%r11), %rdx\n"
        "  mov 24(%r11), %r10; mov 32(%r11), %r8; mov 40(%r11), %r9\n"
        "  syscall\n"
        "after64:\n"
        "  jmp finish\n"
        "make32:\n"
        "  push %rbx; push %rbp\n"
        "  push %rdx\n"
        "  mov %rdi, %rax; mov %rsi, %r11\n"
        "  mov 0(%r11), %rbx; mov 8(%r11), %rcx; mov 16(%r11), %rdx\n"
        "  mov 32(%r11), %rdi; mov 40(%r11), %rbp; mov 24(%r11), %rsi\n"
        "  int $0x80\n"
        "after32:\n"
        "  movslq %eax, %rax\n"
        "  pop %rbx\n"
        "finish:\n"
        "  test %rax, %rax; jnz 1f\n"
        "  test %rbx, %rbx; jz 1f\n"
        "  xor %edi, %edi; mov $231, %eax; syscall\n"
        "1: pop %rbp; pop %rbx\n"
        "  ret\n");

static s64 make(volatile struct call *call) {
  if (call->abi == X86) return make32(call->number, call->args, call->forks);
  return make64(call->abi == X32 ? call->number | X32_BIT : call->number, call->args, call->forks);
}

static void fail(const char *what) {
  u64 length = 0;
  while (what[length] != 0) length++;
  S3(__NR_write, 2, what, length);
  S1(__NR_exit_group, 3);
}

/* Records how a child ended whose call did not come back. */
static void record_end(u64 index, int status) {
  int signal = status & 0x7f;
  results[index].kind = signal != 0 ? SIGNALLED : EXITED;
  results[index].value = signal != 0 ? signal : (status >> 8) & 0xff;
}

static void make_really(void) {
  const u64 sigchld = 1ul << 16;
  results = (struct result *)sys(__NR_mmap, 0, sizeof own_results, 3, 0x21 /* SHARED|ANONYMOUS */, -1, 0);
  if ((u64)results > -4096ul) fail("probe: mmap failed\n");
  S4(__NR_rt_sigprocmask, 0, &sigchld, 0, 8);
  for (u64 index = 0; index < list.count; index++) {
    volatile struct call *call = &list.calls[index];
    s64 child = S4(__NR_clone, 17 /* SIGCHLD */, 0, 0, 0);
    if (child < 0) fail("probe: clone failed\n");
    if (child == 0) {
      s64 value = make(call);
      results[index].value = value;
      results[index].kind = RETURNED;
      S1(__NR_exit_group, 0);
    }
    u64 timeout[2] = {call->patience_ms / 1000, call->patience_ms % 1000 * 1000000};
    int status = 0;
    s64 ended = S4(__NR_wait4, child, &status, 1 /* WNOHANG */, 0);
    while (ended == 0) {
      s64 got = S4(__NR_rt_sigtimedwait, &sigchld, 0, timeout, 8);
      ended = S4(__NR_wait4, child, &status, 1, 0);
      if (ended != 0 || got == 17 || got == -4 /* EINTR */) continue;
      S2(__NR_kill, child, 9);
      S4(__NR_wait4, child, &status, 0, 0);
      results[index].kind = BLOCKED;
      break;
    }
    if (results[index].kind == NOT_MADE) record_end(index, status);
  }
}

/* 0 until the child has one; fd 0 is taken, so no listener has that number. */
static volatile int listener;

static void install_notifier(void) {
  static struct sock_filter code[] = {
      /* The binary is linked below 4 GiB, so the low half of instruction_pointer names the instruction. */
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, __builtin_offsetof(struct seccomp_data, instruction_pointer)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  static struct sock_fprog program = {.len = 5, .filter = code};
  code[1].k = (unsigned)(u64)after64;
  code[2].k = (unsigned)(u64)after32;
  sys(__NR_prctl, 38 /* PR_SET_NO_NEW_PRIVS */, 1, 0, 0, 0, 0);
  s64 fd = S3(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  if (fd < 0) fail("probe: seccomp(NEW_LISTENER) failed\n");
  listener = (int)fd;
}

/* Runs in a process that shares our memory and files. */
__attribute__((used)) static void ask_verdicts(void) {
  install_notifier();
  while (next < list.count) {
    u64 index = next++;
    s64 value = make(&list.calls[index]);
    results[index].value = value;
    results[index].kind = value == REACHED_VALUE ? REACHED : RETURNED;
  }
  S1(__NR_exit_group, 0);
}

/* clone(CLONE_VM|CLONE_FILES|SIGCHLD) whose child starts ask_verdicts on its own stack. */
s64 clone_asker(void *stack);
__asm__(".text\n"
        "clone_asker:\n"
        "  mov %rdi, %rsi; mov $0x511, %edi; xor %edx, %edx; xor %r10d, %r10d; xor %r8d, %r8d\n"
        "  mov $56, %eax; syscall\n"
        "  test %rax, %rax; jnz 1f\n"
        "  xor %ebp, %ebp; call ask_verdicts\n"
        "1: ret\n");

/* Answers every notification with REACHED_VALUE until no process is left under the second filter. */
static void answer(void) {
  struct pollfd {
    int fd;
    short events, revents;
  } poll = {.fd = listener, .events = 1};
  for (;;) {
    static struct seccomp_notif notice;
    static struct seccomp_notif_resp response;
    s64 ready = S3(__NR_poll, &poll, 1, -1);
    if (ready == -4) continue;
    if (ready < 0) fail("probe: poll failed\n");
    if ((poll.revents & 1) == 0) return;
    char *raw = (char *)&notice;
    for (u64 i = 0; i < sizeof notice; i++) raw[i] = 0;
    if (S3(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_RECV, &notice) < 0) continue;
    response = (struct seccomp_notif_resp){.id = notice.id, .val = REACHED_VALUE};
    S3(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
  }
}

static void ask(void) {
  while (next < list.count) {
    int status = 0;
    listener = 0;
    s64 child = clone_asker(child_stack + sizeof child_stack);
    if (child < 0) fail("probe: clone failed\n");
    u64 ended = 0;
    while (listener == 0 && !ended) {
      S1(__NR_sched_yield, 0);
      ended = S4(__NR_wait4, child, &status, 1 /* WNOHANG */, 0) == child;
    }
    if (listener == 0) fail("probe: the asking process died early\n");
    answer();
    if (!ended) S4(__NR_wait4, child, &status, 0, 0);
    S1(__NR_close, listener);
    if (next == 0) fail("probe: no call was made\n");
    if (results[next - 1].kind == NOT_MADE) record_end(next - 1, status);
  }
}

__attribute__((used)) static void run(void) {
  sys(__NR_prctl, 4 /* PR_SET_DUMPABLE: a killed child leaves no core file */, 0, 0, 0, 0, 0);
  if (list.mode == VERDICT) ask();
  else make_really();
  const char *from = (const char *)results;
  u64 left = list.count * sizeof(struct result);
  while (left > 0) {
    s64 written = S3(__NR_write, 1, from, left);
    if (written <= 0) fail("probe: write failed\n");
    from += written;
    left -= (u64)written;
  }
  S1(__NR_exit_group, 0);
}

__asm__(".globl _start\n.text\n_start:\n  xor %ebp, %ebp; and $-16, %rsp; call run\n");
