import { createRequire } from 'node:module';
import { CallgateError } from '../error.js';
import { AF_UNIX, EFD_CLOEXEC, SOCK_CLOEXEC, SOCK_STREAM } from './constants.js';

/** The C library's functions that the supervisor needs; buffers are passed by address. */
export interface Libc {
  readonly ioctl: (fd: number, request: number, argument: Uint8Array) => number;
  /** For requests that take a number in the place of an address. */
  readonly ioctlNumber: (fd: number, request: number, argument: number) => number;
  /** `fds`: struct pollfd[]; `timeout` in milliseconds, -1 for none. */
  readonly poll: (fds: Uint8Array, count: number, timeout: number) => number;
  /** The same in a thread of libuv's pool; `fds` must not be touched before `then`. */
  readonly pollInPool: (
    fds: Uint8Array,
    count: number,
    timeout: number,
    then: (result: number) => void,
  ) => void;
  /** `path` ends with NUL; gives the bytes written to `target`, which are not terminated. */
  readonly readlink: (path: Uint8Array, target: Uint8Array, length: number) => number;
  readonly recvmsg: (fd: number, header: Uint8Array, flags: number) => number;
  readonly socketpair: (domain: number, type: number, protocol: number, pair: Uint8Array) => number;
  readonly socket: (domain: number, type: number, protocol: number) => number;
  /** `address`: struct sockaddr. */
  readonly bind: (fd: number, address: Uint8Array, length: number) => number;
  readonly connect: (fd: number, address: Uint8Array, length: number) => number;
  readonly listen: (fd: number, backlog: number) => number;
  readonly accept4: (fd: number, address: null, length: null, flags: number) => number;
  readonly getsockopt: (
    fd: number,
    level: number,
    option: number,
    value: Uint8Array,
    length: Uint8Array,
  ) => number;
  readonly epollCreate: (flags: number) => number;
  /** `event`: struct epoll_event. */
  readonly epollCtl: (epoll: number, operation: number, fd: number, event: Uint8Array) => number;
  readonly epollWait: (epoll: number, events: Uint8Array, most: number, timeout: number) => number;
  readonly eventfd: (value: number, flags: number) => number;
  readonly memfdCreate: (name: string, flags: number) => number;
  readonly processVmReadv: (
    pid: number,
    local: Uint8Array,
    localCount: number,
    remote: Uint8Array,
    remoteCount: number,
    flags: number,
  ) => number;
  /** `data` null is NULL. */
  readonly ptrace: (
    request: number,
    pid: number,
    address: number,
    data: Uint8Array | number | null,
  ) => number;
  /** `info`: siginfo_t, 128 bytes. */
  readonly waitid: (type: number, id: number, info: Uint8Array, options: number) => number;
  /** seccomp(2) has no wrapper in C libraries; it goes through syscall(2). `argument` null is NULL. */
  readonly seccomp: (operation: number, flags: number, argument: Uint8Array | null) => number;
  /** bpf(2), `attributes`: union bpf_attr. */
  readonly bpf: (command: number, attributes: Uint8Array) => number;
  /** kcmp(2) of two fds of a process: 0 for one open file. */
  readonly kcmpFile: (pid: number, one: number, other: number) => number;
  /** Ends the process at once, whatever its threads are waiting for. */
  readonly exitNow: (status: number) => void;
  readonly errno: () => number;
  readonly addressOf: (buffer: Uint8Array) => bigint;
}

interface KoffiFunction {
  (...args: unknown[]): number;
  /** The last argument is called with an error, which is null, and the result. */
  async(...args: unknown[]): void;
}

interface Koffi {
  load(path: string | null): { func(prototype: string): KoffiFunction };
  errno(): number;
  address(buffer: Uint8Array): bigint;
}

const PACKAGES: Readonly<Record<string, string>> = {
  x64: '@koromix/koffi-linux-x64',
  arm64: '@koromix/koffi-linux-arm64',
  riscv64: '@koromix/koffi-linux-riscv64',
};

/** The number of seccomp(2): 317 in arch/x86/entry/syscalls/syscall_64.tbl, 277 in asm-generic/unistd.h. */
const SECCOMP_NUMBER: Readonly<Record<string, number>> = { x64: 317, arm64: 277, riscv64: 277 };

/** The number of bpf(2), from the same tables. */
const BPF_NUMBER: Readonly<Record<string, number>> = { x64: 321, arm64: 280, riscv64: 280 };

/** The number of kcmp(2), from the same tables, and KCMP_FILE of include/uapi/linux/kcmp.h. */
const KCMP_NUMBER: Readonly<Record<string, number>> = { x64: 312, arm64: 272, riscv64: 272 };
const KCMP_FILE = 0;

let loaded: Libc | undefined;

/**
 * The C library of this process, bound on first use through koffi, whose prebuilt addon is an optional dependency.
 * @throws {CallgateError} HOST when the addon is missing or does not load.
 */
export function libc(): Libc {
  loaded ??= bind();
  return loaded;
}

function loadKoffi(): Koffi {
  const name = PACKAGES[process.arch];
  const hint =
    'install callgate with its optional dependencies (npm without --omit=optional), or run without a report of the denials';
  if (process.platform !== 'linux' || name === undefined) {
    throw new CallgateError('HOST', `denials cannot be watched on ${process.platform} ${process.arch}`, {
      hint,
    });
  }
  try {
    return createRequire(import.meta.url)(name) as Koffi;
  } catch (cause) {
    throw new CallgateError('HOST', `the native addon ${name}, which watches denials, does not load`, {
      hint,
      cause,
    });
  }
}

function bind(): Libc {
  const koffi = loadKoffi();
  const library = koffi.load(null);
  const syscall = library.func('long syscall(long number, ...)');
  const ptrace = library.func('long ptrace(int request, ...)');
  const poll = library.func('int poll(void *fds, unsigned long count, int timeout)');
  const number = SECCOMP_NUMBER[process.arch] ?? -1;
  return {
    ioctl: library.func('int ioctl(int fd, unsigned long request, void *argument)'),
    ioctlNumber: library.func('int ioctl(int fd, unsigned long request, unsigned long argument)'),
    poll,
    pollInPool: (fds, count, timeout, then) =>
      poll.async(fds, count, timeout, (error: unknown, result: number) => then(error === null ? result : -1)),
    readlink: library.func('long readlink(void *path, void *target, unsigned long length)'),
    recvmsg: library.func('long recvmsg(int fd, void *header, int flags)'),
    socketpair: library.func('int socketpair(int domain, int type, int protocol, void *pair)'),
    socket: library.func('int socket(int domain, int type, int protocol)'),
    bind: library.func('int bind(int fd, void *address, unsigned int length)'),
    connect: library.func('int connect(int fd, void *address, unsigned int length)'),
    listen: library.func('int listen(int fd, int backlog)'),
    accept4: library.func('int accept4(int fd, void *address, void *length, int flags)'),
    getsockopt: library.func('int getsockopt(int fd, int level, int option, void *value, void *length)'),
    epollCreate: library.func('int epoll_create1(int flags)'),
    epollCtl: library.func('int epoll_ctl(int epoll, int operation, int fd, void *event)'),
    epollWait: library.func('int epoll_wait(int epoll, void *events, int most, int timeout)'),
    eventfd: library.func('int eventfd(unsigned int value, int flags)'),
    memfdCreate: library.func('int memfd_create(const char *name, unsigned int flags)'),
    processVmReadv: library.func(
      'long process_vm_readv(int pid, void *local, unsigned long count, void *remote, unsigned long others, unsigned long flags)',
    ),
    ptrace: (request, pid, address, data) =>
      typeof data === 'number'
        ? ptrace(request, 'int', pid, 'unsigned long', address, 'unsigned long', data)
        : ptrace(request, 'int', pid, 'unsigned long', address, 'void *', data),
    waitid: library.func('int waitid(int type, unsigned int id, void *info, int options)'),
    // Arguments of a variadic function carry their types; all are passed as full registers.
    seccomp: (operation, flags, argument) =>
      syscall(number, 'unsigned long', operation, 'unsigned long', flags, 'void *', argument),
    bpf: (command, attributes) =>
      syscall(
        BPF_NUMBER[process.arch] ?? -1,
        'unsigned long',
        command,
        'void *',
        attributes,
        'unsigned long',
        attributes.length,
      ),
    kcmpFile: (pid, one, other) =>
      syscall(
        KCMP_NUMBER[process.arch] ?? -1,
        ...['int', pid, 'int', pid, 'int', KCMP_FILE],
        ...['unsigned long', one, 'unsigned long', other],
      ),
    exitNow: library.func('void _exit(int status)'),
    errno: () => koffi.errno(),
    addressOf: (buffer) => BigInt(koffi.address(buffer)),
  };
}

/** Two connected stream sockets, close-on-exec. @throws {CallgateError} HOST */
export function socketPair(): readonly [number, number] {
  const c = libc();
  const pair = new Int32Array(2);
  if (c.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, new Uint8Array(pair.buffer)) !== 0) {
    throw new CallgateError('HOST', `no socket pair for the supervisor (errno ${c.errno()})`);
  }
  return [pair[0] ?? -1, pair[1] ?? -1];
}

/** A counter that a poll(2) can wait for, close-on-exec. @throws {CallgateError} HOST */
export function eventFd(): number {
  const c = libc();
  const fd = c.eventfd(0, EFD_CLOEXEC);
  if (fd < 0) throw new CallgateError('HOST', `no eventfd for the supervisor (errno ${c.errno()})`);
  return fd;
}
