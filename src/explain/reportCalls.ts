import type { ContextInput } from '../engine/contextInput.js';
import { CallgateError } from '../error.js';
import { findAbi } from '../syscalls/abis.js';
import type { ParsedCall } from '../syscalls/call.js';
import { constantGroupOf } from '../syscalls/constants.js';
import { signatureOf } from '../syscalls/signature.js';

/** What `callgate run --report` wrote: the calls that were denied, and the container that denied them. */
export interface Report {
  readonly calls: readonly ParsedCall[];
  /** Context flags that come to the same container. */
  readonly context: Pick<ContextInput, 'engine' | 'runtime' | 'libseccomp' | 'kernel' | 'arch'>;
  /** The bounding set, full names. */
  readonly capabilities: readonly string[];
  /** `default`, `unconfined` or the profile's name. */
  readonly seccomp: string;
}

/** Denials that a report may list; callgate's own never have as many kinds. */
const MOST_DENIALS = 10_000;
/** A call that was made with more values than this is made with any. */
const MOST_VALUES = 16;

/**
 * Reads a report. Arguments that choose what a call does (flags, commands, families) are kept, each value once;
 * pointers, descriptors and sizes are another every time and become "any". So does all of a call that was made with
 * very many values.
 *
 * @throws CallgateError `INPUT` for a text that is no report
 */
export function readReport(text: string, file: string): Report {
  const root = parse(text, file);
  const { context, denials } = root;
  if (!isObject(context) || !Array.isArray(denials)) throw noReport(file);
  if (denials.length > MOST_DENIALS)
    throw new CallgateError('INPUT', `${file}: more than ${MOST_DENIALS} denials`);
  const calls = new Map<string, ParsedCall>();
  for (const denial of denials) {
    const call = readDenial(denial, file);
    calls.set(`${call.abi} ${call.number} ${call.args.join()}`, call);
  }
  return {
    calls: withoutManyValues([...calls.values()]),
    context: {
      engine: release(context['engine'], file),
      runtime: release(context['runtime'], file),
      libseccomp: word(context['libseccomp'], file),
      kernel: word(context['kernel'], file),
      arch: word(context['arch'], file),
    },
    capabilities: Array.isArray(context['capabilities'])
      ? context['capabilities'].map((name) => word(name, file))
      : [],
    seccomp: word(context['seccomp'], file),
  };
}

/** Calls as they are; one that was made with very many values stands once, for any. */
export function withoutManyValues(calls: readonly ParsedCall[]): readonly ParsedCall[] {
  const byCall = new Map<string, ParsedCall[]>();
  for (const call of calls) {
    const key = `${call.abi} ${call.number}`;
    const same = byCall.get(key);
    if (same === undefined) byCall.set(key, [call]);
    else same.push(call);
  }
  return [...byCall.values()].flatMap((same) =>
    same.length <= MOST_VALUES
      ? same
      : same.slice(0, 1).map((call) => ({ ...call, args: call.args.map(() => undefined) })),
  );
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A report of ten thousand kinds of denied calls has a fraction of it; parsed, a hostile text takes twenty times its length. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

function parse(text: string, file: string): Json {
  if (text.length > MOST_CHARACTERS)
    throw new CallgateError('INPUT', `${file}: ${text.length} characters are more than a report has`, {
      expected: `at most ${MOST_CHARACTERS}`,
    });
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (cause) {
    throw new CallgateError('INPUT', `${file}: this is no JSON`, { expected: EXPECTED, cause });
  }
  if (!isObject(root)) throw noReport(file);
  return root;
}

const EXPECTED = 'what callgate run --report FILE writes';

function noReport(file: string): CallgateError {
  return new CallgateError('INPUT', `${file}: this is no report`, { expected: EXPECTED });
}

function word(value: unknown, file: string): string {
  if (typeof value !== 'string') throw noReport(file);
  return value;
}

function release(value: unknown, file: string): string {
  if (!isObject(value)) throw noReport(file);
  return `${word(value['name'], file)}@${word(value['version'], file)}`;
}

function readDenial(denial: unknown, file: string): ParsedCall {
  if (!isObject(denial)) throw noReport(file);
  const { syscall, number, args } = denial;
  const abi = findAbi(word(denial['abi'], file));
  if (abi === undefined || typeof number !== 'number' || !Array.isArray(args)) throw noReport(file);
  const name = typeof syscall === 'string' ? syscall : undefined;
  const values = new Map(args.filter(isObject).map((arg) => [arg['name'], arg['value']]));
  return choosingCall({ abi, number: number >>> 0, ...(name === undefined ? {} : { name }) }, (argument) => {
    const value = values.get(argument);
    return typeof value === 'string' && /^0x[0-9a-f]{1,16}$/.test(value) ? BigInt(value) : undefined;
  });
}

/** A call with those of its arguments that choose what it does; the others can be anything. */
export function choosingCall(
  call: Pick<ParsedCall, 'abi' | 'name' | 'number'>,
  value: (argument: string) => bigint | undefined,
): ParsedCall {
  const { name, abi } = call;
  const signature = name === undefined ? undefined : signatureOf(name, abi);
  const args = Array.from({ length: 6 }, (_, index) => {
    const argument = signature?.args[index];
    if (name === undefined || argument === undefined) return undefined;
    const chooses = argument.kind === 'flags' || constantGroupOf(name, argument.name) !== undefined;
    return chooses ? value(argument.name) : undefined;
  });
  return { ...call, args };
}
