import { ALL, type Injection, LISTENER, ruleOf, strace, which } from '../injection.js';
import type { WatchFault } from './fault.js';

type Ends = WatchFault['ends'];
/** Alive, and serving again once the fault is over; or ended with the reason. */
const LIVES: Ends = ['served', 'died'];
const STARTS: Ends = ['served', 'refused', 'died', 'unstarted'];

/** Calls on every file and of any thread; of the agent's, which alone waits in epoll_wait(2); on a listener. */
type Where = 'any' | 'agent' | 'listener';
const EPOLL_WAIT = 232;
const WHERE: Readonly<Record<Where, Partial<Injection>>> = {
  any: {},
  agent: { thread: EPOLL_WAIT },
  listener: { path: LISTENER },
};

const serving = (injection: Injection, ends: Ends): WatchFault => ({
  name: `serving: ${ruleOf(injection)}`,
  injection,
  ends,
  always: true,
});
const starting = (injection: Injection, ends: Ends): WatchFault => ({
  name: `starting: ${ruleOf(injection)}`,
  around: strace(injection),
  ends,
  always: true,
});

/** Killed, or asked to end, while it serves: at the first so many calls, and which of them always. */
const KILLED: readonly (readonly [
  why: string,
  call: string,
  where: Where,
  most: number,
  some: readonly number[],
])[] = [
  ['before it has accepted', 'accept4', 'any', 2, [1]],
  ['before it has the listener', 'recvmsg', 'any', 2, []],
  ['with the listener, before its first call', 'ioctl', 'listener', 9, [3]],
  ['before it waits for it', 'epoll_ctl', 'agent', 3, []],
  ['while it looks at the caller', 'readlink', 'agent', 4, []],
  ['while it reads memory', 'process_vm_readv', 'any', 3, []],
  ['while it waits', 'epoll_wait', 'any', 4, []],
  ['while it closes', 'close', 'agent', 3, []],
  ['while it writes its line', 'write', 'any', 4, []],
];

export const killedServing: readonly WatchFault[] = KILLED.flatMap(([, call, where, most, some]) => [
  ...which(most, some).map((when) =>
    serving({ call, what: 'signal=KILL', when, ...WHERE[where] }, ['killed', 'served']),
  ),
  ...which(most, []).map((when) =>
    serving({ call, what: 'signal=TERM', when, ...WHERE[where] }, ['stopped', 'served']),
  ),
]);

/** The same while it starts. */
const KILLED_AT_START: readonly (readonly [call: string, most: number, some: readonly number[]])[] = [
  ['mkdir', 1, []],
  ['socket', 2, []],
  ['bind', 1, []],
  ['chmod', 2, []],
  ['listen', 1, []],
  ['link', 1, [1]],
  ['unlink', 2, []],
  ['eventfd2', 8, []],
];

export const killedStarting: readonly WatchFault[] = KILLED_AT_START.flatMap(([call, most, some]) =>
  which(most, some).flatMap((when) => [
    starting({ call, what: 'signal=KILL', when }, ['killed', 'served']),
    starting({ call, what: 'signal=TERM', when }, ['stopped', 'served', 'unstarted']),
  ]),
);

/** Calls that fail while it serves, once and always. */
const FAILED: readonly (readonly [
  call: string,
  errors: string,
  where: Where,
  most: number,
  some: readonly string[],
])[] = [
  ['accept4', 'EMFILE ENFILE ENOMEM EAGAIN EINTR EPERM ECONNABORTED', 'any', 1, []],
  ['recvmsg', 'ENOMEM EAGAIN EINTR EIO ECONNRESET', 'any', 1, []],
  ['ioctl', 'EIO ENOMEM EINTR EAGAIN EFAULT EPERM', 'listener', 6, ['EIO']],
  ['readlink', 'ENOMEM EACCES EIO', 'agent', 3, []],
  ['process_vm_readv', 'EFAULT EPERM ENOMEM EINTR', 'any', 2, []],
  ['epoll_wait', 'EINTR EIO ENOMEM', 'any', 2, []],
  ['epoll_ctl', 'ENOMEM ENOSPC', 'agent', 2, ['ENOMEM']],
  ['getsockopt', 'ENOMEM EPERM', 'any', 1, []],
  ['close', 'EIO EINTR', 'agent', 3, []],
  ['clone3', 'EAGAIN', 'any', 2, []],
];

/** A signal comes once, and what can be read is not empty for ever. */
const ONCE: ReadonlySet<string> = new Set(['accept4 EAGAIN', ...FAILED.map(([call]) => `${call} EINTR`)]);

export const failedServing: readonly WatchFault[] = FAILED.flatMap(([call, errors, where, most, some]) =>
  (ALL ? errors.split(' ') : some).flatMap((word) => {
    const injection = { call, what: `error=${word}`, ...WHERE[where] };
    return [
      ...which(most, [Math.min(2, most)]).map((when) => serving({ ...injection, when }, LIVES)),
      ...(ALL && !ONCE.has(`${call} ${word}`) ? [serving(injection, LIVES)] : []),
    ];
  }),
);

const FAILED_AT_START: readonly (readonly [
  call: string,
  errors: string,
  most: number,
  some: readonly string[],
])[] = [
  ['mkdir', 'EACCES ENOSPC EROFS', 1, []],
  ['socket', 'EMFILE ENFILE ENOMEM EPERM', 2, []],
  ['bind', 'EADDRINUSE EACCES ENOSPC', 1, []],
  ['chmod', 'EPERM', 2, []],
  ['listen', 'EADDRINUSE', 1, []],
  ['link', 'EPERM EEXIST ENOSPC', 1, ['ENOSPC']],
  ['unlink', 'EPERM EIO', 2, []],
  ['eventfd2', 'EMFILE ENFILE', 8, []],
  ['epoll_create1', 'EMFILE ENFILE', 5, []],
  ['epoll_ctl', 'ENOMEM', 6, []],
  ['seccomp', 'ENOSYS EINVAL', 2, []],
];

export const failedStarting: readonly WatchFault[] = FAILED_AT_START.flatMap(([call, errors, most, some]) =>
  (ALL ? errors.split(' ') : some).flatMap((word) =>
    which(most, [1]).map((when) => starting({ call, what: `error=${word}`, when }, STARTS)),
  ),
);

/** A few for a node's agent, which serves containers by the same thread. */
export const ofAgentVerb: readonly WatchFault[] = (
  [
    [{ call: 'ioctl', what: 'signal=KILL', when: 4, ...WHERE.listener }, ['killed']],
    [{ call: 'recvmsg', what: 'signal=TERM', when: 1 }, ['stopped']],
    [{ call: 'ioctl', what: 'error=EIO', when: 4, ...WHERE.listener }, ['served']],
    [{ call: 'recvmsg', what: 'error=ENOMEM', when: 1 }, ['served']],
    [{ call: 'epoll_wait', what: 'error=EIO', when: 1, ...WHERE.agent }, ['died']],
  ] as const
).map(([injection, ends]) => ({
  ...serving(injection, ends),
  name: `callgate agent, serving: ${ruleOf(injection)}`,
  verb: 'agent',
  always: false,
}));
