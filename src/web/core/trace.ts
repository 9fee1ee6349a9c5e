import { mnemonic, OP } from '../../bpf/instruction.js';
import { dataWords } from '../../bpf/seccompData.js';
import { CallgateError } from '../../error.js';
import { verdictOf, verdictWord } from '../../explain/verdict.js';
import { fromReturnValue } from '../../policy/action.js';
import { abi as abiOf } from '../../syscalls/abis.js';
import { parseCall } from '../../syscalls/call.js';
import { formatCall } from '../../syscalls/callText.js';
import { compiled } from './filter.js';
import { kindOf } from './verdictKind.js';
import type { VerdictKind } from './verdictKinds.js';
import type { ContextWords } from './words.js';

/** One call's way through the program; arguments that are not given are 0. */
export interface TraceReply {
  readonly call: string;
  readonly steps: readonly TraceStep[];
  readonly kind: VerdictKind;
  readonly word: string;
}

export interface TraceStep {
  readonly at: number;
  /** The accumulator behind the instruction. */
  readonly accumulator: number;
  /** Of a comparison. */
  readonly holds?: boolean;
}

/** @throws CallgateError `USAGE` for a call that cannot be read or that has no number */
export async function traceOf(words: ContextWords, text: string): Promise<TraceReply> {
  const { program, context } = await compiled(words);
  const call = parseCall(text, context.arch);
  if (call.number === undefined)
    throw new CallgateError('USAGE', `${call.abi} has no call named ${call.name}`);
  const { auditArch } = abiOf(call.abi);
  const args = call.args.map((value) => value ?? 0n);
  const data = dataWords({ number: call.number, auditArch, args });
  const steps: TraceStep[] = [];
  let accumulator = 0;
  for (let pc = 0; ; pc++) {
    const { code, jt, jf, k } = program[pc] ?? { code: OP.ret, jt: 0, jf: 0, k: 0 };
    const at = pc;
    switch (code) {
      case OP.ld_abs:
        accumulator = data[k >>> 2] ?? 0;
        break;
      case OP.and:
        accumulator = (accumulator & k) >>> 0;
        break;
      case OP.ja:
        pc += k;
        break;
      case OP.jeq:
      case OP.jgt:
      case OP.jge:
      case OP.jset: {
        const holds = compares(code, accumulator, k);
        pc += holds ? jt : jf;
        steps.push({ at, accumulator, holds });
        continue;
      }
      case OP.ret: {
        const verdict = verdictOf(fromReturnValue(k), call.abi);
        steps.push({ at, accumulator });
        return {
          call: formatCall(call, context.arch),
          steps,
          kind: kindOf(verdict),
          word: verdictWord(verdict),
        };
      }
      default:
        throw new RangeError(`the compiler does not emit ${mnemonic(code)?.name ?? code}`);
    }
    steps.push({ at, accumulator });
  }
}

function compares(code: number, a: number, k: number): boolean {
  if (code === OP.jeq) return a === k;
  if (code === OP.jgt) return a > k;
  return code === OP.jge ? a >= k : (a & k) !== 0;
}
