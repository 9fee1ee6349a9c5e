import { fromReturnValue } from '../policy/action.js';
import { scmpAction } from '../policy/words.js';
import type { AbiName } from '../syscalls/abi.js';
import { abiOfCall, abis } from '../syscalls/abis.js';
import { errnoName } from '../syscalls/constants.js';
import { signatureOf } from '../syscalls/signature.js';
import { syscallName } from '../syscalls/table.js';
import { isBranch, mnemonic, OP, type Program } from './instruction.js';
import { fieldAt, isLittleEndian } from './seccompData.js';

/** What is known where an instruction begins, when all ways there agree. */
interface Context {
  readonly auditArch?: number;
  readonly number?: number;
  /** Offset in struct seccomp_data that the accumulator was loaded from. */
  readonly loaded?: number;
}

/**
 * A remark for each instruction of a checked program: the names of the arch, call, argument and action that it is about;
 * empty where there is nothing to say.
 */
export function annotate(program: Program): readonly string[] {
  const contexts: (Context | undefined)[] = [{}];
  return program.map((instruction, index) => {
    const { code, jt, jf, k } = instruction;
    const here = contexts[index] ?? {};
    const reach = (skip: number, context: Context): void => {
      const target = index + 1 + skip;
      const known = contexts[target];
      contexts[target] = known === undefined ? context : common(known, context);
    };
    if (code === OP.ja) reach(k, here);
    else if (isBranch(code)) {
      reach(jt, code === OP.jeq ? { ...here, ...equal(here, k) } : here);
      reach(jf, here);
    } else if (code === OP.ld_abs) reach(0, { ...here, loaded: k });
    else if (code !== OP.ret && code !== OP.ret_a)
      reach(0, changesAccumulator(code) ? without(here, 'loaded') : here);
    return remark(code, k, here);
  });
}

function equal({ loaded }: Context, k: number): Context {
  if (loaded === undefined) return {};
  const field = fieldAt(loaded, true).kind;
  return field === 'arch' ? { auditArch: k } : field === 'number' ? { number: k } : {};
}

function common(a: Context, b: Context): Context {
  const keys = ['auditArch', 'number', 'loaded'] as const;
  return Object.fromEntries(
    keys.filter((key) => a[key] === b[key] && a[key] !== undefined).map((key) => [key, a[key]]),
  );
}

function without(context: Context, key: keyof Context): Context {
  const { [key]: _, ...rest } = context;
  return rest;
}

/** AND keeps what the accumulator is about; all other changes make it something new. */
function changesAccumulator(code: number): boolean {
  return (
    code !== OP.and &&
    mnemonic(code)?.word !== 'st' &&
    mnemonic(code)?.word !== 'stx' &&
    (code & 7) !== 1 &&
    code !== OP.tax
  );
}

function remark(code: number, k: number, context: Context): string {
  if (code === OP.ret) return actionWords(k, context);
  if (code === OP.ld_abs) return fieldWords(k, context);
  if (!isBranch(code) || (code & 0x08) !== 0 || context.loaded === undefined) return '';
  switch (fieldAt(context.loaded, true).kind) {
    case 'arch':
      return abis.find((row) => row.auditArch === k)?.name ?? '';
    case 'number': {
      if (code === OP.jset) return '';
      const abi = abiFor(context, k);
      return (abi && syscallName(k, abi)) ?? '';
    }
    case 'argument':
    case 'pointer':
      return '';
  }
}

function abiFor({ auditArch }: Context, number: number): AbiName | undefined {
  return auditArch === undefined ? undefined : abiOfCall(auditArch, number);
}

function fieldWords(offset: number, { auditArch, number }: Context): string {
  const field = fieldAt(offset, auditArch === undefined || isLittleEndian(auditArch));
  switch (field.kind) {
    case 'number':
      return 'number';
    case 'arch':
      return 'arch';
    case 'pointer':
      return `instruction pointer, ${field.high ? 'high' : 'low'} half`;
    case 'argument': {
      const index = field.word >> 1;
      const half = field.word & 1 ? 'high' : 'low';
      const abi = auditArch === undefined || number === undefined ? undefined : abiOfCall(auditArch, number);
      const call = abi === undefined || number === undefined ? undefined : syscallName(number, abi);
      const name =
        abi === undefined || call === undefined ? undefined : signatureOf(call, abi)?.args[index]?.name;
      return `argument ${index}${name === undefined ? '' : ` (${call}: ${name})`}, ${half} half`;
    }
  }
}

function actionWords(value: number, context: Context): string {
  const action = fromReturnValue(value);
  const word = scmpAction(action);
  switch (action.kind) {
    case 'errno': {
      const abi = abiFor(context, 0) ?? 'x86_64';
      return `${word} ${errnoName(action.errno, abi) ?? action.errno}`;
    }
    case 'trace':
    case 'trap':
      return action.data === 0 ? word : `${word} ${action.data}`;
    default:
      return word;
  }
}
