import type { RuntimeName } from '../../src/engine/context.js';
import type { OciRule, OciSeccomp } from '../../src/engine/oci.js';
import type { OciArg } from '../../src/profile/argument.js';
import type { AbiName } from '../../src/syscalls/abi.js';
import { abi } from '../../src/syscalls/abis.js';

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}

export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seeded(seed);
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('nothing to pick from');
    return list[this.below(list.length)] as T;
  }

  some<T>(list: readonly T[], probability: number): T[] {
    return list.filter(() => this.chance(probability));
  }

  several<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }
}

export interface Configuration {
  readonly oci: OciSeccomp;
  readonly runtime: { readonly name: RuntimeName; readonly version: string };
  readonly nativeAbi: AbiName;
  /** Data of the rules' comparisons. */
  readonly values: readonly bigint[];
}

/** Releases whose differences matter for the calls that they make of libseccomp. */
const RUNTIMES: readonly Configuration['runtime'][] = [
  { name: 'runc', version: '1.0.0-rc92' },
  { name: 'runc', version: '1.0.1' },
  { name: 'runc', version: '1.1.5' },
  { name: 'runc', version: '1.1.15' },
  { name: 'runc', version: '1.2.5' },
  { name: 'runc', version: '1.3.3' },
  { name: 'crun', version: '0.14' },
  { name: 'crun', version: '1.8.1' },
  { name: 'crun', version: '1.21' },
];

/** Native ABIs with the others that a filter of the same byte order can have. */
const NATIVES: readonly { readonly native: AbiName; readonly others: readonly AbiName[] }[] = [
  {
    native: 'x86_64',
    others: ['x86', 'x32', 'aarch64', 'arm', 'riscv64', 'ppc64le', 'mipsel', 'mipsel64', 'mipsel64n32'],
  },
  { native: 'aarch64', others: ['arm', 'x32', 'x86_64'] },
  { native: 's390x', others: ['s390', 'ppc64'] },
  { native: 'mips64', others: ['mips', 'mips64n32', 'ppc'] },
  { native: 'ppc64', others: ['ppc', 's390'] },
  { native: 'mipsel64', others: ['mipsel', 'mipsel64n32'] },
];

/** Plain calls, calls that are multiplexed somewhere, calls that some ABI lacks, and one that does not exist. */
const NAMES = [
  ...[
    'read',
    'open',
    'clone',
    'personality',
    'ioctl',
    'mmap',
    'bpf',
    'umount',
    'getuid32',
    'sync_file_range2',
  ],
  ...['socket', 'connect', 'accept', 'accept4', 'send', 'recv', 'sendmmsg', 'socketcall'],
  ...['semop', 'semtimedop', 'shmget', 'msgctl', 'ipc', 'no_such_call'],
];

const PADDING = [
  ...[
    'write',
    'close',
    'stat',
    'fstat',
    'lstat',
    'poll',
    'lseek',
    'mprotect',
    'munmap',
    'brk',
    'access',
    'pipe',
  ],
  ...['select', 'sched_yield', 'mremap', 'msync', 'mincore', 'madvise', 'dup', 'dup2', 'pause', 'nanosleep'],
  ...[
    'getitimer',
    'alarm',
    'setitimer',
    'getpid',
    'sendfile',
    'fork',
    'vfork',
    'execve',
    'exit',
    'wait4',
    'kill',
  ],
];

/** Words that all of the releases above accept. */
const ACTIONS = [
  ...[
    'SCMP_ACT_ALLOW',
    'SCMP_ACT_ALLOW',
    'SCMP_ACT_ERRNO',
    'SCMP_ACT_ERRNO',
    'SCMP_ACT_KILL',
    'SCMP_ACT_TRAP',
  ],
  'SCMP_ACT_TRACE',
];

/** Releases that accept these too. */
const NEW_ACTIONS = ['SCMP_ACT_LOG', 'SCMP_ACT_KILL_PROCESS'];
const BEFORE_RISCV64 = new Set(['1.0.0-rc92', '1.0.1', '1.1.5']);
const NEW_RUNTIMES = new Set(['1.1.5', '1.1.15', '1.2.5', '1.3.3', '1.8.1', '1.21']);

const ERRNOS = [undefined, 1, 2, 38, 4094, 4095, 65537];

const OPERATORS = ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'].map((word) => `SCMP_CMP_${word}`);

const VALUES = [
  ...[0n, 1n, 2n, 3n, 5n, 10n, 0x80000000n, 0xfffffffen, 0xffffffffn],
  ...[0x100000000n, 0x100000001n, 0x100000003n, 0x1_0000_000an, 0x1_ffff_ffffn, 0x200000000n],
  ...[0x8000000000000000n, 0xffffffff00000000n, 0xffffffffffffffffn],
];

/** A configuration that depends on the seed alone. */
export function makeConfiguration(seed: number): Configuration {
  const dice = new Dice(seed);
  const runtime = dice.pick(RUNTIMES);
  const { native, others } = dice.chance(0.7) ? (NATIVES[0] ?? dice.pick(NATIVES)) : dice.pick(NATIVES);
  const known = others.filter((name) => name !== 'riscv64' || !BEFORE_RISCV64.has(runtime.version));
  const listed = dice.some(known, 0.25).sort(() => (dice.chance(0.5) ? 1 : -1));
  if (dice.chance(0.5)) listed.push(native);
  const values = dice.several(2 + dice.below(5), () => dice.pick(VALUES));
  const names = dice.several(1 + dice.below(3), () => dice.pick(NAMES));
  const indexes = dice.several(3, () => dice.below(6));
  const words = NEW_RUNTIMES.has(runtime.version) ? [...ACTIONS, ...NEW_ACTIONS] : ACTIONS;
  const actions = dice.several(2, () => [dice.pick(words), dice.pick(ERRNOS)] as const);
  const [defaultAction, defaultErrno] = [dice.pick(words), dice.pick(ERRNOS)];
  const syscalls = dice.several(1 + dice.below(7), () => makeRule(dice, names, indexes, values, actions));
  if (dice.chance(0.4)) {
    const action = dice.pick(['SCMP_ACT_ALLOW', 'SCMP_ACT_TRAP']);
    syscalls.splice(dice.below(syscalls.length), 0, rule(PADDING, action, undefined, []));
  }
  return {
    oci: {
      defaultAction,
      ...errnoOf('defaultErrnoRet', defaultAction, defaultErrno, runtime.name),
      architectures: listed.map((name) => abi(name).scmp),
      syscalls,
    },
    runtime,
    nativeAbi: native,
    values,
  };

  function rule(
    ruleNames: readonly string[],
    action: string,
    errno: number | undefined,
    args: readonly OciArg[],
  ): OciRule {
    return {
      names: ruleNames,
      action,
      ...errnoOf('errnoRet', action, errno, runtime.name),
      args,
      origin: { rule: 0 },
    };
  }

  function makeRule(
    from: Dice,
    ruleNames: readonly string[],
    ruleIndexes: readonly number[],
    data: readonly bigint[],
    choices: readonly (readonly [string, number | undefined])[],
  ): OciRule {
    const [action, errno] = from.pick(choices);
    const args = from.chance(0.12)
      ? []
      : from.several(1 + from.below(3), () => ({
          index: from.pick(ruleIndexes),
          value: from.pick(data),
          valueTwo: from.pick(data),
          op: from.pick(OPERATORS),
        }));
    // Repeated indexes turn a rule into alternatives; mostly one wants rules whose comparisons are ANDed.
    const kept = from.chance(0.8)
      ? args.filter((arg, at) => args.findIndex((other) => other.index === arg.index) === at)
      : args;
    return rule(from.some(ruleNames, 0.7), action, errno, kept);
  }
}

/** crun fails on an errno next to any other action; that is a test of its own. */
function errnoOf(
  key: string,
  action: string,
  errno: number | undefined,
  runtime: RuntimeName,
): Record<string, number> {
  const useful = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
  return errno === undefined || (runtime === 'crun' && !useful) ? {} : { [key]: errno };
}
