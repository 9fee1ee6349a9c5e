import { test } from '../policy/decision.js';
import type { Decision, Policy } from '../policy/policy.js';
import type { AbiName } from '../syscalls/abi.js';
import { abi as abiOf, abis, subAbisDocker } from '../syscalls/abis.js';
import { type ParsedCall, parseCall } from '../syscalls/call.js';
import { argumentText } from '../syscalls/callText.js';
import { hex } from '../syscalls/constantsText.js';
import { signatureOf } from '../syscalls/signature.js';
import { multiplexed, syscallNumber } from '../syscalls/table.js';

/** One way to make a call that somebody means: the registers that the kernel takes for it. */
export interface MeantCall {
  readonly abi: AbiName;
  /** The call that is made: the one that is meant, or socketcall or ipc. */
  readonly syscall?: string;
  readonly number: number;
  readonly fields: readonly Field[];
  /** The call that is meant, where this one is another. */
  readonly reaches?: string;
  /** Constraints of the call that this ABI cannot say: there, every call counts. */
  readonly unsaid: boolean;
}

/** Low bits of a register that must have this value; the bits above them are not read by the kernel. */
interface Field {
  readonly argument: number;
  readonly bits: number;
  readonly value: bigint;
}

/** The kernel splits ipc(2)'s first argument: a version above, the call in the low half (ipc/syscall.c). */
const IPC_CALL_BITS = 16;
const INT_BITS = 32;

/**
 * Every way to make a call on the ABIs that a machine's programs can use and a filter names, the native one first:
 * by its own number, and through socketcall(2) or ipc(2). A call with an ABI before a colon, or a bare number, is
 * meant on that one ABI and by that one number.
 *
 * @throws CallgateError `USAGE`
 */
export function waysOf(text: string, native: AbiName, policy: Policy): readonly MeantCall[] {
  const asked = parseCall(text, native);
  if (!/^\s*[a-z_]/i.test(text) || /^\s*syscall_/.test(text) || isQualified(text))
    return direct(asked, asked);
  const named = new Set(policy.sections.map(({ auditArch }) => auditArch));
  const others = abis
    .filter(
      ({ name, auditArch }) => named.has(auditArch) || subAbisDocker.get(native)?.includes(name) === true,
    )
    .map(({ name }) => name);
  return [...new Set([native, ...others])].flatMap((abi) => {
    const here = abi === native ? asked : restate(text, asked, abi);
    return [...direct(here, asked), ...through(here)];
  });
}

/** The call by its own number on its own ABI. */
export function direct(call: ParsedCall, asked: ParsedCall = call): readonly MeantCall[] {
  const { name, number, abi, args } = call;
  if (number === undefined) return [];
  const signature = name === undefined ? undefined : signatureOf(name, abi);
  const fields = args.flatMap((value, argument): readonly Field[] => {
    if (value === undefined) return [];
    const bits = signature?.args[argument]?.bits ?? 64;
    return bits === 0 ? [] : [{ argument, bits, value: BigInt.asUintN(bits, value) }];
  });
  const given = (from: ParsedCall): number => from.args.filter((value) => value !== undefined).length;
  const unsaid = given(call) < given(asked);
  return [{ abi, number, fields, unsaid, ...(name === undefined ? {} : { syscall: name }) }];
}

function through({ name, abi }: ParsedCall): readonly MeantCall[] {
  const way = name === undefined ? undefined : multiplexed(name, abi);
  const number = way === undefined ? undefined : syscallNumber(way.via, abi);
  if (way === undefined || number === undefined || name === undefined) return [];
  const bits = way.via === 'ipc' ? IPC_CALL_BITS : INT_BITS;
  const fields = [{ argument: 0, bits, value: BigInt(way.call) }];
  return [{ abi, syscall: way.via, number, fields, reaches: name, unsaid: true }];
}

const isQualified = (text: string): boolean => /^\s*[A-Za-z0-9_-]+:/.test(text);

/** The call on another ABI, with the arguments that stand in the same register there. */
function restate(text: string, asked: ParsedCall, abi: AbiName): ParsedCall {
  const { name } = asked;
  if (name === undefined) return { ...asked, abi };
  const bare = parseCall(name, abi);
  const [here, there] = [signatureOf(name, abi), signatureOf(name, asked.abi)];
  const shared = asked.args.every(
    (value, index) => value === undefined || here?.args[index]?.name === there?.args[index]?.name,
  );
  return shared && here !== undefined ? parseCall(text, abi) : bare;
}

/**
 * The decision for the registers that are meant, and `otherwise` for all others. 32-bit processes have nothing in the
 * upper halves, except on MIPS and PA-RISC, whose kernels extend the sign.
 */
export function constrain(decision: Decision, { abi, fields }: MeantCall, otherwise: Decision): Decision {
  let result = decision;
  for (const { argument, bits, value } of fields) {
    const mask = (1n << BigInt(bits)) - 1n;
    for (const [half, shift] of [0n, 32n].entries()) {
      result = test({
        word: 2 * argument + half,
        mask: Number((mask >> shift) & 0xffffffffn),
        op: 'eq',
        value: Number((value >> shift) & 0xffffffffn),
        then: result,
        else: otherwise,
      });
    }
  }
  const { table } = abiOf(abi);
  if (!isNarrow(abi) || /^(mips|parisc)/.test(table)) return result;
  for (let argument = 0; argument < 6; argument++) {
    const word = 2 * argument + 1;
    result = test({ word, mask: 0xffffffff, op: 'eq', value: 0, then: result, else: otherwise });
  }
  return result;
}

/** Registers have 32 bits; x32 and n32 programs use the whole register. */
function isNarrow(abi: AbiName): boolean {
  return abiOf(abi).bits === 32 && abi !== 'x32' && !abi.endsWith('n32');
}

/** Why registers are the call that is meant, where one does not see it. */
export function explain(call: MeantCall, args: readonly bigint[]): string | undefined {
  const { syscall, abi, fields, reaches } = call;
  const parts = fields.flatMap(({ argument, bits, value }): readonly string[] => {
    const register = args[argument] ?? 0n;
    if (register === value) return [];
    const name = syscall === undefined ? undefined : signatureOf(syscall, abi)?.args[argument]?.name;
    const meant = argumentText(syscall, abi, argument, withValue(args, argument, value));
    return [
      `the kernel reads the low ${bits} bits of ${name ?? `argument ${argument}`} only, so ${hex(register)} is ${meant} to it; the filter sees the whole register`,
    ];
  });
  if (reaches !== undefined)
    parts.push(
      `${syscall} makes the same call as ${reaches}, with its arguments behind a pointer that no filter can follow`,
    );
  else if (call.unsaid) parts.push(`on ${abi} the call has other arguments, so every one of them counts`);
  return parts.length === 0 ? undefined : parts.join('; ');
}

function withValue(args: readonly bigint[], index: number, value: bigint): readonly bigint[] {
  return args.map((register, position) => (position === index ? value : register));
}
