import { parseTarget } from '../../engine/target.js';
import { CallgateError } from '../../error.js';
import {
  type Counterexample,
  METHOD,
  type Proof,
  proveAlways,
  proveEquals,
  proveNever,
  proveWithin,
} from '../../explain/proof.js';
import { verdictOf, verdictWord } from '../../explain/verdict.js';
import type { Action } from '../../policy/action.js';
import { printable } from '../../profile/printable.js';
import type { AbiName } from '../../syscalls/abi.js';
import { formatCall } from '../../syscalls/callText.js';
import { addContextFlags, type ContextFlags, resolveTarget } from '../context/contextFlags.js';
import { contextLine } from '../context/contextLine.js';
import { type Loaded, load } from '../context/subject.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { contextJson, jsonText, SCHEMA_VERSION } from '../output/json.js';
import { paint, wrap } from '../output/paint.js';
import type { Verb } from '../verb.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'json';
  readonly equals?: string;
  readonly within?: string;
  readonly never?: string;
  readonly always?: string;
}

export const proveVerb: Verb = {
  name: 'prove',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'json'])
      .description('Prove a statement about a target, or show one call that breaks it.')
      .argument('<a>', 'docker@28.5.2, ./profile.json, bpf:FILE …')
      .option('--equals <B>', 'both answer every call alike')
      .option('--within <B>', 'every call that A lets run, B lets run too')
      .option('--never <CALL>', 'A never lets this call run')
      .option('--always <CALL>', 'A always lets this call run')
      .addHelpText(
        'after',
        `
With --equals and --within a profile's file is read in the other target's container, for what no flag says.
Arguments that are not given are anything. Bits of a register that the kernel does not read are anything too: an int
is the low half of its register, and a filter that compares the whole register can be passed by setting upper bits.
--never looks at every ABI of the machine and at socketcall and ipc as well; --always looks at the container's own ABI.
An ABI before a colon (x86:ptrace) keeps the question to that one. A call that a supervisor or tracer decides counts as
neither refused nor allowed.

Exit: 0 when it is proved, 1 when a counterexample is shown, 2 for bad input.

Examples:
  callgate prove docker@20.10.4 --equals docker@20.10.5 --runtime runc@1.0.2
  callgate prove ./mine.json --within docker@28.5.2
  callgate prove ./mine.json --never 'clone(flags=CLONE_NEWUSER)'
  callgate prove ./mine.json --always futex
`,
      )
      .action(async (a: string, flags: Flags) => exit(await run(a, flags, io)));
  },
};

type Statement =
  | { readonly kind: 'equals' | 'within'; readonly other: string }
  | { readonly kind: 'never' | 'always'; readonly call: string };

interface Result {
  readonly words: string;
  readonly proof: Proof;
  readonly left: Loaded;
  readonly right?: Loaded;
}

async function run(word: string, flags: Flags, io: Io): Promise<number> {
  const statement = statementOf(flags);
  const left = await loadWord(word, 'other' in statement ? statement.other : undefined, flags, io);
  const result = await prove(word, left, statement, flags, io);
  io.out(flags.format === 'json' ? jsonText(toJson(result)) : await toText(result, io));
  return result.proof.proved ? 0 : 1;
}

function statementOf({ equals, within, never, always }: Flags): Statement {
  const found: Statement[] = [];
  if (equals !== undefined) found.push({ kind: 'equals', other: equals });
  if (within !== undefined) found.push({ kind: 'within', other: within });
  if (never !== undefined) found.push({ kind: 'never', call: never });
  if (always !== undefined) found.push({ kind: 'always', call: always });
  const [statement] = found;
  if (statement !== undefined && found.length === 1) return statement;
  throw new CallgateError(
    'USAGE',
    found.length === 0 ? 'what is to be proved is missing' : 'one statement at a time',
    {
      expected: 'one of --equals TARGET, --within TARGET, --never CALL, --always CALL',
    },
  );
}

async function loadWord(word: string, beside: string | undefined, flags: Flags, io: Io): Promise<Loaded> {
  const other = beside === undefined ? undefined : parseTarget(beside);
  return load(await resolveTarget(parseTarget(word), flags, io, other), io);
}

async function prove(
  word: string,
  left: Loaded,
  statement: Statement,
  flags: Flags,
  io: Io,
): Promise<Result> {
  const native = left.context.arch;
  switch (statement.kind) {
    case 'equals':
    case 'within': {
      const right = await loadWord(statement.other, word, flags, io);
      const decide = statement.kind === 'equals' ? proveEquals : proveWithin;
      const relation =
        statement.kind === 'equals' ? 'answers every call as' : 'lets nothing run that is not let run by';
      return {
        words: `${word} ${relation} ${statement.other}`,
        proof: decide(left.policy, right.policy, native),
        left,
        right,
      };
    }
    case 'never':
      return {
        words: `${word} never lets ${statement.call} run`,
        proof: proveNever(left.policy, statement.call, native),
        left,
      };
    case 'always':
      return {
        words: `${word} always lets ${statement.call} run`,
        proof: proveAlways(left.policy, statement.call, native),
        left,
      };
  }
}

function toJson({ words, proof, left, right }: Result): object {
  const { counterexample } = proof;
  return {
    schemaVersion: SCHEMA_VERSION,
    proved: proof.proved,
    method: METHOD,
    statement: words,
    ...(counterexample === undefined
      ? {}
      : { counterexample: exampleJson(counterexample, left.context.arch) }),
    left: contextJson(left.context),
    ...(right === undefined ? {} : { right: contextJson(right.context) }),
  };
}

function exampleJson(
  { abi, auditArch, syscall, number, args, left, right, explanation }: Counterexample,
  native: AbiName,
): object {
  return {
    abi: abi ?? null,
    auditArch: `0x${auditArch.toString(16)}`,
    syscall: syscall ?? null,
    number,
    args,
    left: verdictOf(left, abi ?? native),
    right: right === undefined ? null : verdictOf(right, abi ?? native),
    ...(explanation === undefined ? {} : { explanation }),
  };
}

async function toText({ words, proof, left, right }: Result, io: Io): Promise<string> {
  const colours = paint(io);
  const { counterexample } = proof;
  const lines = [colours.dim(await contextLine(left.context))];
  if (right !== undefined) lines.push(colours.dim(await contextLine(right.context)));
  lines.push('');
  if (counterexample === undefined)
    lines.push(`${colours.green('✓ proved')}: ${printable(words)}`, `  by ${METHOD}`);
  else
    lines.push(
      `${colours.red('✗ not so')}: ${printable(words)}`,
      ...exampleLines(counterexample, left.context.arch, io),
    );
  return `${lines.join('\n')}\n`;
}

function exampleLines(
  { abi, auditArch, syscall, number, args, left, right, explanation }: Counterexample,
  native: AbiName,
  io: Io,
): readonly string[] {
  const word = (action: Action): string => verdictWord(verdictOf(action, abi ?? native));
  const registers = args.map((value) => `0x${value.toString(16)}`).join(' ');
  const last = args.findLastIndex((value) => value !== 0n);
  const shown = args.map((value, index) => (index <= last ? value : undefined));
  const call =
    abi === undefined
      ? `number ${number} of the architecture 0x${auditArch.toString(16)}`
      : formatCall({ abi, number, args: shown, ...(syscall === undefined ? {} : { name: syscall }) }, native);
  return [
    `  ${call}: ${right === undefined ? word(left) : `${word(left)} with the first, ${word(right)} with the second`}`,
    ...(explanation === undefined ? [] : [`  ${wrap(explanation, io.columns, '  ')}`]),
    `  ${abi ?? `0x${auditArch.toString(16)}`} ${number} ${registers}`,
  ];
}
