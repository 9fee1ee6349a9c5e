import { CallgateError } from '../../error.js';
import type { AbiName } from '../../syscalls/abi.js';
import { abi as abiOf } from '../../syscalls/abis.js';
import { parseCall } from '../../syscalls/call.js';
import { subject } from './meaning.js';
import type { SeccompRecord } from './record.js';

/** A call as strace prints it, with its result. */
export interface TracedCall {
  readonly pid?: number;
  readonly name: string;
  /** What stands between the parentheses. */
  readonly args: string;
  readonly errno: string;
}

const DENIED = / = -1 (E[A-Z0-9]+)\b/g;
const NAME = /([a-z_][a-z0-9_]*)\((?!\))?/y;
const PREFIX =
  /^\s*(?:\[pid +(\d+)\] |(\d+) +)?(?:\d{1,2}:\d{2}:\d{2}(?:\.\d+)? |\d+\.\d+ )?(?:\(\+ +\d+\.\d+\) )?/;
/** strace's second half of a call that another thread interrupted. */
const RESUMED = /<\.\.\. (\w+) resumed>(.*)/;

/** Reads a failed call; undefined for any other line. */
export function parseTraced(line: string): TracedCall | undefined {
  const at = line.lastIndexOf(' = -1 E');
  if (at < 0) return undefined;
  DENIED.lastIndex = at;
  const errno = DENIED.exec(line)?.[1];
  const prefix = PREFIX.exec(line);
  if (errno === undefined || prefix === null) return undefined;
  const pid = prefix[1] ?? prefix[2];
  const rest = { errno, ...(pid === undefined ? {} : { pid: Number(pid) }) };
  const body = line.slice(prefix[0].length, at).trimEnd();
  const resumed = RESUMED.exec(body);
  if (resumed !== null) return { ...rest, name: resumed[1] ?? '', args: '' };
  NAME.lastIndex = 0;
  const name = NAME.exec(body)?.[1];
  if (name === undefined || !body.endsWith(')')) return undefined;
  return { ...rest, name, args: body.slice(name.length + 1, -1) };
}

/**
 * The call to ask about: with its arguments where they can be read, and its name alone else.
 *
 * @example askedOf({ name: 'unshare', args: 'CLONE_NEWUSER', errno: 'EPERM' }, 'x86_64') // 'unshare(CLONE_NEWUSER)'
 */
export function askedOf({ name, args }: TracedCall, abi: AbiName): string {
  for (const text of [`${name}(${args})`, name]) {
    if (isCall(text, abi)) return text;
  }
  return name;
}

/** Whether a text reads as a call. */
export function isCall(text: string, abi: AbiName): boolean {
  try {
    parseCall(text, abi);
    return true;
  } catch (error) {
    if (error instanceof CallgateError) return false;
    throw error;
  }
}

/** Errnos that profiles and runtimes answer with; other failures are the kernel's own. */
const FILTERED = new Set(['EPERM', 'ENOSYS']);

/** A denied call of an strace log as a record. */
export function decodeTraced(line: string, assumedAbi: AbiName): SeccompRecord | undefined {
  const traced = parseTraced(line);
  if (traced === undefined || !FILTERED.has(traced.errno) || !isCall(traced.name, assumedAbi))
    return undefined;
  const { name, number } = parseCall(traced.name, assumedAbi);
  const told = subject(name, number ?? -1, assumedAbi);
  return {
    kind: 'seccomp',
    format: 'strace',
    abi: assumedAbi,
    auditArch: abiOf(assumedAbi).auditArch,
    ...(number === undefined ? {} : { number }),
    ...(name === undefined ? {} : { syscall: name }),
    text: `${traced.name}(${traced.args})`,
    errno: traced.errno,
    ...(traced.pid === undefined ? {} : { pid: traced.pid }),
    assumed: `${assumedAbi}: strace does not tell the architecture`,
    meaning: `${told}: failed with ${traced.errno}; a filter, a missing capability or an old kernel can be behind it`,
  };
}
