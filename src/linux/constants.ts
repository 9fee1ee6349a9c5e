/**
 * Numbers of the kernel's user interface that no architecture changes (include/uapi/linux/{prctl,seccomp,sched,futex,
 * fcntl,socket}.h, asm-generic/ioctl.h). They are frozen: a new kernel adds, it never renumbers.
 */
export const PR_SET_KEEPCAPS = 8;
export const PR_CAPBSET_DROP = 24;
export const PR_SET_NO_NEW_PRIVS = 38;
export const PR_CAP_AMBIENT = 47;
export const PR_CAP_AMBIENT_CLEAR_ALL = 4;

export const SECCOMP_SET_MODE_FILTER = 1;
export const SECCOMP_GET_NOTIF_SIZES = 3;

export const SECCOMP_FILTER_FLAG_TSYNC = 1;
export const SECCOMP_FILTER_FLAG_LOG = 2;
export const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;
export const SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
export const SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 32;

/** CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM: a thread like any other. */
export const CLONE_THREAD_FLAGS = 0x50f00;

export const FUTEX_WAIT_PRIVATE = 128;

export const F_SETFD = 2;
export const FD_CLOEXEC = 1;

export const AF_UNIX = 1;
export const SOCK_STREAM = 1;
export const SOCK_CLOEXEC = 0o2000000;
export const SOCK_NONBLOCK = 0o4000;
export const SOL_SOCKET = 1;
export const SO_PEERCRED = 17;
export const SCM_RIGHTS = 1;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_CTRUNC = 8;
export const MSG_CMSG_CLOEXEC = 0x40000000;

export const EFD_CLOEXEC = 0o2000000;
export const MFD_CLOEXEC = 1;

export const POLLIN = 1;
export const POLLOUT = 4;
export const POLLERR = 8;
export const POLLHUP = 16;

/** include/uapi/linux/eventpoll.h; the events are poll's. */
export const EPOLL_CLOEXEC = 0o2000000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;

/** _IOWR('!', 0, struct seccomp_notif), _IOWR('!', 1, struct seccomp_notif_resp), _IOW('!', 2, __u64), _IOW('!', 4, __u64). */
export const SECCOMP_IOCTL_NOTIF_RECV = 0xc0502100;
export const SECCOMP_IOCTL_NOTIF_SEND = 0xc0182101;
export const SECCOMP_IOCTL_NOTIF_ID_VALID = 0x40082102;
export const SECCOMP_IOCTL_NOTIF_SET_FLAGS = 0x40082104;
export const SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 1;

/** include/uapi/linux/ptrace.h; PTRACE_DETACH is 17 on all machines of machine.ts. */
export const PTRACE_DETACH = 17;
export const PTRACE_SEIZE = 0x4206;
export const PTRACE_INTERRUPT = 0x4207;
export const PTRACE_SECCOMP_GET_FILTER = 0x420c;
export const PTRACE_SECCOMP_GET_METADATA = 0x420d;
export const P_PID = 1;
export const WNOHANG = 1;
export const WSTOPPED = 2;
export const WEXITED = 4;
export const WNOWAIT = 0x01000000;
export const WALL = 0x40000000;

/** MAX_ERRNO of include/linux/err.h: what the kernel caps the errno of a filter at. */
export const MAX_ERRNO = 4095;

export const EPERM = 1;
export const ENOENT = 2;
export const ESRCH = 3;
export const EINTR = 4;
export const EAGAIN = 11;
export const EACCES = 13;
export const EFAULT = 14;
export const EBUSY = 16;
export const EINVAL = 22;
export const ENOEXEC = 8;
export const ENOSYS = 38;
export const EMEDIUMTYPE = 124;
export const ECONNREFUSED = 111;
export const ENOTCONN = 107;
export const ETIMEDOUT = 110;
