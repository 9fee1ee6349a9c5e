import json from '../../data/syscalls/signatures.json' with { type: 'json' };
import type { AbiName } from './abi.js';
import { type Abi, abi } from './abis.js';
import { newestNumber } from './libseccomp.js';

/** What a register of a call means, for reading and writing it. `padding` is a register that the ABI skips. */
export type ArgumentKind =
  | 'int'
  | 'fd'
  | 'flags'
  | 'mode'
  | 'pid'
  | 'id'
  | 'size'
  | 'pointer'
  | 'string'
  | 'padding';

export interface Argument {
  readonly name: string;
  /** C type in the kernel's source. */
  readonly type: string;
  /** How many low bits of the register the kernel reads: 0 (padding), 16, 32 or 64. */
  readonly bits: number;
  readonly signed: boolean;
  readonly kind: ArgumentKind;
}

/** One entry a register: at most six, in the order of seccomp_data.args. */
export interface Signature {
  readonly name: string;
  readonly args: readonly Argument[];
}

type RawArguments = readonly (readonly [string, string])[];

const generic = json.args as unknown as Readonly<Record<string, RawArguments>>;
const variants = json.variants as unknown as Readonly<
  Record<string, readonly (readonly [readonly string[], RawArguments])[]>
>;
const types = json.types as unknown as Readonly<Record<string, readonly [number | 'word', string]>>;

/** x32 and n32 have 32-bit longs in user space, but their registers have 64 bits and the kernel's long reads them all. */
export function registerBits({ name, bits }: Abi): 32 | 64 {
  return name === 'x32' || name === 'mips64n32' || name === 'mipsel64n32' ? 64 : bits;
}

/** ABIs that start a 64-bit argument at an even register (arch/{arm,mips,powerpc}: the calling convention). */
const ALIGNED: ReadonlySet<string> = new Set(['arm', 'mips', 'ppc']);
/** sys_pread_wrapper and sys_pwrite_wrapper of arch/sh/kernel/sys_sh32.c have a dummy before the position. */
const SH_DUMMY: ReadonlySet<string> = new Set(['pread64', 'pwrite64']);

const cache = new Map<string, Signature | undefined>();

/**
 * Arguments of a call on an ABI with the widths that the kernel reads. 64-bit arguments of 32-bit ABIs appear as the
 * two registers that carry them. Undefined when the ABI has no such call, or no kernel ever implemented it.
 *
 * @example signatureOf('socket', 'x86_64')?.args[0] // { name: 'family', type: 'int', bits: 32, signed: true, kind: 'int' }
 */
export function signatureOf(name: string, abiName: AbiName): Signature | undefined {
  const key = `${abiName}/${name}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const row = abi(abiName);
  const raw = variants[name]?.find(([tables]) => tables.includes(row.table))?.[1] ?? generic[name];
  if (raw === undefined || newestNumber(name, row.table) === undefined) return undefined;
  const signature = { name, args: registers(name, raw, row) };
  cache.set(key, signature);
  return signature;
}

function registers(name: string, raw: RawArguments, row: Abi): readonly Argument[] {
  const args: Argument[] = [];
  for (const [label, type] of raw) {
    const arg = argument(name, label, type, row);
    if (arg.bits <= registerBits(row)) {
      args.push(arg);
      continue;
    }
    const dummy = row.table === 'sh' && SH_DUMMY.has(name);
    if (dummy || (ALIGNED.has(row.table) && args.length % 2 === 1)) args.push(PADDING);
    const low: Argument = { ...arg, name: `${label}_lo`, bits: 32, signed: false };
    const high: Argument = { ...arg, name: `${label}_hi`, bits: 32 };
    args.push(...(row.endian === 'little' ? [low, high] : [high, low]));
  }
  return args.slice(0, 6);
}

const PADDING: Argument = { name: 'padding', type: 'unsigned int', bits: 0, signed: false, kind: 'padding' };

function argument(call: string, name: string, type: string, row: Abi): Argument {
  const pointer = type.endsWith('*');
  const [width, sign] = pointer ? (['word', 'pointer'] as const) : (types[type] ?? ['word', 'unsigned']);
  const bits = width === 'word' ? registerBits(row) : width;
  return { name, type, bits, signed: sign === 'signed', kind: kindOf(call, name, type, sign) };
}

/** `const char *` that carries bytes, not a terminated string. */
const BYTES: ReadonlySet<string> = new Set(['buf', 'u_msg_ptr']);
/** Strings that the kernel reads though it does not declare them const. */
const TEXTS: ReadonlySet<string> = new Set([
  'mount.dev_name',
  'mount.dir_name',
  'mount.type',
  'umount.name',
  'umount2.name',
]);
const FD = /^(fd|ufd|epfd|pidfd|newfd|oldfd|fildes|mountdirfd|.*dfd|(?!max).*_fd|fd_?in|fd_?out|mqdes)$/;
const FLAGS = /(^|_)(flags?|mask|prot)\d*$/;

function kindOf(call: string, name: string, type: string, sign: string): ArgumentKind {
  if (sign === 'pointer') {
    const text = type === 'const char*' ? !BYTES.has(name) : type === 'char*' && TEXTS.has(`${call}.${name}`);
    return text ? 'string' : 'pointer';
  }
  if (type === 'umode_t') return 'mode';
  if (type === 'pid_t' || name === 'pid') return 'pid';
  if (type === 'uid_t' || type === 'gid_t') return 'id';
  if (type === 'size_t') return 'size';
  if (FLAGS.test(name)) return 'flags';
  if (FD.test(name)) return 'fd';
  return 'int';
}
