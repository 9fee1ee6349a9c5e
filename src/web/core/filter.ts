import { annotate } from '../../bpf/annotate.js';
import { compile } from '../../bpf/compile.js';
import { disassemble } from '../../bpf/disassemble.js';
import type { Program } from '../../bpf/instruction.js';
import { statistics } from '../../bpf/statistics.js';
import { usable } from '../../explain/usable.js';
import type { Policy } from '../../policy/policy.js';
import type { AbiName } from '../../syscalls/abi.js';
import { abi as abiOf } from '../../syscalls/abis.js';
import { type Costs, costsOf } from './costs.js';
import { predicted } from './prediction.js';
import { type ProgramNode, programNodes } from './programNodes.js';
import type { ContextWords } from './words.js';

/** The compiled filter of a context. */
export interface FilterReply {
  readonly arch: AbiName;
  readonly bytes: number;
  readonly worstExecuted: number;
  readonly worstCall: string;
  /** One for each instruction: `L4:`, `jeq #0x3b, L7, L5`, `execve`. */
  readonly listing: readonly ListingLine[];
  readonly nodes: readonly ProgramNode[];
  readonly costs: Costs;
}

export interface ListingLine {
  readonly label: string;
  readonly text: string;
  readonly remark: string;
}

const MOST_KEPT = 4;
const kept = new Map<Policy, Program>();

/** @throws CallgateError when no container starts, or the filter would be larger than the kernel takes */
export async function filterOf(words: ContextWords): Promise<FilterReply> {
  const { policy, context, program } = await compiled(words);
  const { bytes, worstExecuted, worstCall } = statistics(program, context.arch);
  return {
    arch: context.arch,
    bytes,
    worstExecuted,
    worstCall,
    listing: listingOf(program),
    nodes: programNodes(program, annotate(program)),
    costs: costsOf(policy, program, context.arch),
  };
}

/** The program of a context, compiled once. */
export async function compiled(words: ContextWords) {
  const { resolved, prediction } = await predicted(words);
  const { policy, context } = usable(prediction, resolved.notes);
  const program = kept.get(policy) ?? compile(policy, { nativeArch: abiOf(context.arch).auditArch });
  kept.set(policy, program);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return { policy, context, program };
}

function listingOf(program: Program): readonly ListingLine[] {
  return disassemble(program)
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [code = '', remark = ''] = line.split(' ; ');
      const [, label = '', text = ''] = /^(L\d+:)?\s*(.*?)\s*$/.exec(code) ?? [];
      return { label, text, remark };
    });
}
