import {
  CLONE_THREAD_FLAGS,
  EAGAIN,
  EINVAL,
  ETIMEDOUT,
  F_SETFD,
  FD_CLOEXEC,
  FUTEX_WAIT_PRIVATE,
  MSG_NOSIGNAL,
  PR_CAP_AMBIENT,
  PR_CAP_AMBIENT_CLEAR_ALL,
  PR_CAPBSET_DROP,
  PR_SET_KEEPCAPS,
  PR_SET_NO_NEW_PRIVS,
  SCM_RIGHTS,
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_SET_MODE_FILTER,
  SOL_SOCKET,
} from './constants.js';
import type { LauncherCall } from './machine.js';

/** Bytes that a call points to; they get their address when the image is laid out. */
export interface Blob {
  readonly bytes: Uint8Array;
  readonly writable: boolean;
  /** 64-bit words within `bytes` that hold the address of (a place in) another blob. */
  readonly pointers: readonly { readonly at: number; readonly to: Place }[];
}

export interface Place {
  readonly blob: Blob;
  readonly offset: number;
}

export type Operand = number | Place;

/**
 * One step of a launcher. Steps run in order, any failure ends the process; `name` is what the user is told then.
 * The execve of the command is not a step: it always comes last.
 */
export type Step =
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly call: LauncherCall;
      readonly args: readonly Operand[];
      /** The first argument is the 32-bit word that is here when the call is made. */
      readonly fd?: Place;
      /** Where the result goes, 32 bits. */
      readonly store?: Place;
      /** An errno that counts as success. */
      readonly ignore?: number;
      /** An errno that makes the call again. */
      readonly repeat?: number;
      /** What the new thread of a clone does. */
      readonly thread?: Script;
    }
  /** Turns until the 32-bit word is not 0, without a system call. */
  | { readonly kind: 'wait'; readonly name: string; readonly until: Place };

export type Script = readonly Step[];

function blob(bytes: Uint8Array, pointers: Blob['pointers'] = [], writable = false): Blob {
  return { bytes, writable, pointers };
}

const start = (of: Blob): Place => ({ blob: of, offset: 0 });

function words32(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint32(4 * index, value, true));
  return bytes;
}

export function closeOnExec(fd: number): Step {
  return { kind: 'call', name: `fcntl(${fd}, FD_CLOEXEC)`, call: 'fcntl', args: [fd, F_SETFD, FD_CLOEXEC] };
}

/** `number` is the capability's, `name` is for messages. */
export function dropBounding(number: number, name: string): Step {
  return {
    kind: 'call',
    name: `prctl(PR_CAPBSET_DROP, ${name})`,
    call: 'prctl',
    args: [PR_CAPBSET_DROP, number],
  };
}

export function clearAmbient(): Step {
  return {
    kind: 'call',
    name: 'prctl(PR_CAP_AMBIENT_CLEAR_ALL)',
    call: 'prctl',
    args: [PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL],
  };
}

export function setGroups(groups: readonly number[]): Step {
  const list = blob(words32(...groups));
  return {
    kind: 'call',
    name: `setgroups(${groups.join(', ')})`,
    call: 'setgroups',
    args: [groups.length, groups.length === 0 ? 0 : start(list)],
  };
}

export function setGid(gid: number): Step {
  return { kind: 'call', name: `setgid(${gid})`, call: 'setgid', args: [gid] };
}

export function setUid(uid: number): Step {
  return { kind: 'call', name: `setuid(${uid})`, call: 'setuid', args: [uid] };
}

/** Keeps the permitted set over the setuid that follows; execve resets it. */
export function keepCapabilities(): Step {
  return { kind: 'call', name: 'prctl(PR_SET_KEEPCAPS)', call: 'prctl', args: [PR_SET_KEEPCAPS, 1] };
}

const LINUX_CAPABILITY_VERSION_3 = 0x20080522;

/** Bit n is capability n. */
export function capset(sets: { effective: bigint; permitted: bigint; inheritable: bigint }): Step {
  const low = (set: bigint): number => Number(set & 0xffffffffn);
  const high = (set: bigint): number => Number(set >> 32n);
  const { effective, permitted, inheritable } = sets;
  return {
    kind: 'call',
    name: 'capset',
    call: 'capset',
    args: [
      start(blob(words32(LINUX_CAPABILITY_VERSION_3, 0))),
      start(
        blob(
          words32(
            low(effective),
            low(permitted),
            low(inheritable),
            high(effective),
            high(permitted),
            high(inheritable),
          ),
        ),
      ),
    ],
  };
}

/** Name of the step that sets no_new_privs. */
export const PRIVILEGES_STEP = 'prctl(PR_SET_NO_NEW_PRIVS)';

export function noNewPrivileges(): Step {
  return { kind: 'call', name: PRIVILEGES_STEP, call: 'prctl', args: [PR_SET_NO_NEW_PRIVS, 1] };
}

/** An option that prctl(2) does not have. */
const NO_OPTION = 0x63616c6c;

/** A call without effect, by which a recorder in the kernel knows that the command comes next. */
export function beginCommand(cookie: readonly [number, number, number]): Step {
  return {
    kind: 'call',
    name: 'prctl (telling the recorder of the command)',
    call: 'prctl',
    args: [NO_OPTION, ...cookie],
    ignore: EINVAL,
  };
}

/** struct sock_fprog. */
function filterBlob(filter: Uint8Array): Blob {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint16(0, filter.length / 8, true);
  return blob(bytes, [{ at: 8, to: start(blob(filter)) }]);
}

/** Name of the step that loads the filter. */
export const FILTER_STEP = 'seccomp(SECCOMP_SET_MODE_FILTER)';

/** seccomp(SECCOMP_SET_MODE_FILTER, flags, program). */
export function installFilter(filter: Uint8Array, flags: number, store?: Place): Step {
  return {
    kind: 'call',
    name: FILTER_STEP,
    call: 'seccomp',
    args: [SECCOMP_SET_MODE_FILTER, flags, start(filterBlob(filter))],
    ...(store === undefined ? {} : { store }),
  };
}

/** The helper looks for the listener this often; installing a filter takes about as long. */
const POLL_NANOSECONDS = 20_000;

/**
 * Installs a filter with a listener and sends the listener's fd over the socket `socketFd`.
 *
 * After seccomp(2) this thread can make no call that the filter might deny, and the supervisor cannot answer before
 * it has the listener. So a second thread, which has no filter but shares memory and files, is made first: it sleeps
 * until the fd is there, sends it by SCM_RIGHTS, closes it and ends, while the first one turns without a system call.
 * Unlike pidfd_getfd(2) this needs no ptrace access, which Yama, Docker's default profile, or a process that is not
 * dumpable after setuid would refuse.
 *
 * Closed before the first thread goes on, the listener is the supervisor's alone: with its end, even before it took the
 * listener from the socket, the kernel answers ENOSYS. A launcher that held it too would wait for itself.
 */
export function installSupervisedFilter(filter: Uint8Array, flags: number, socketFd: number): Script {
  // struct cmsghdr with one fd, which is -1 until seccomp has returned.
  const control = new Uint8Array(24);
  const controlView = new DataView(control.buffer);
  controlView.setBigUint64(0, 20n, true);
  controlView.setInt32(8, SOL_SOCKET, true);
  controlView.setInt32(12, SCM_RIGHTS, true);
  controlView.setInt32(16, -1, true);
  const controlBlob = blob(control, [], true);
  const listener: Place = { blob: controlBlob, offset: 16 };

  const vector = new Uint8Array(16);
  new DataView(vector.buffer).setBigUint64(8, 1n, true);
  const vectorBlob = blob(vector, [{ at: 0, to: start(blob(Uint8Array.of(0x4c))) }]);

  // struct msghdr.
  const header = new Uint8Array(56);
  const headerView = new DataView(header.buffer);
  headerView.setBigUint64(24, 1n, true);
  headerView.setBigUint64(40, BigInt(control.length), true);
  const headerBlob = blob(header, [
    { at: 16, to: start(vectorBlob) },
    { at: 32, to: start(controlBlob) },
  ]);

  const timeout = new Uint8Array(16);
  new DataView(timeout.buffer).setBigInt64(8, BigInt(POLL_NANOSECONDS), true);
  const done: Place = start(blob(new Uint8Array(4), [], true));

  const helper: Script = [
    {
      kind: 'call',
      name: 'futex (waiting for the filter)',
      call: 'futex',
      args: [listener, FUTEX_WAIT_PRIVATE, 0xffffffff, start(blob(timeout))],
      repeat: ETIMEDOUT,
      ignore: EAGAIN,
    },
    {
      kind: 'call',
      name: 'sendmsg (handing the listener to the supervisor)',
      call: 'sendmsg',
      args: [socketFd, start(headerBlob), MSG_NOSIGNAL],
    },
    { kind: 'call', name: 'close (listener)', call: 'close', args: [], fd: listener },
    // For its result, which is not 0.
    { kind: 'call', name: 'gettid (helper)', call: 'gettid', args: [], store: done },
    { kind: 'call', name: 'exit (helper)', call: 'exit', args: [0] },
  ];
  return [
    {
      kind: 'call',
      name: 'clone (helper)',
      call: 'clone',
      args: [CLONE_THREAD_FLAGS],
      thread: helper,
    },
    installFilter(filter, flags | SECCOMP_FILTER_FLAG_NEW_LISTENER, listener),
    { kind: 'wait', name: 'wait for the helper', until: done },
  ];
}
