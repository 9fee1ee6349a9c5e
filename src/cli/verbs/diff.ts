import { parseTarget } from '../../engine/target.js';
import {
  type CallChange,
  type Change,
  diffPolicies,
  type Extent,
  type PolicyDiff,
} from '../../explain/diff.js';
import { verdictOf } from '../../explain/verdict.js';
import { printable } from '../../profile/printable.js';
import type { AbiName } from '../../syscalls/abi.js';
import { formatCall } from '../../syscalls/callText.js';
import { signatureOf } from '../../syscalls/signature.js';
import { addContextFlags, type ContextFlags, resolveTarget } from '../context/contextFlags.js';
import { contextLine } from '../context/contextLine.js';
import { type Loaded, load } from '../context/subject.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { casesJson, contextJson, jsonText, SCHEMA_VERSION } from '../output/json.js';
import { paint, wrap } from '../output/paint.js';
import type { Verb } from '../verb.js';
import { diffTable } from './diff/table.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'json';
}

export const diffVerb: Verb = {
  name: 'diff',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'json'])
      .description(
        'Say everything that two targets answer differently, over all ABIs, numbers and arguments.',
      )
      .argument('<a>', 'docker@20.10.9, ./profile.json, oci:config.json, bpf:FILE, unconfined …')
      .argument('<b>', 'what it is compared with')
      .addHelpText(
        'after',
        `
Flags count for both targets, for what a target leaves open; a profile's file is read in the other target's container.
An engine release stands for what it ships: two releases of Docker may differ in their runc and its libseccomp too. Give
--runtime and --libseccomp to compare the profiles alone.

A call is wider when some arguments get it further (from refused to supervised or traced, to running), narrower the
other way round. Nothing is sampled: "equal" is a proof.

Exit: 0 when they are equal, 1 when they differ, 2 for bad input.

Examples:
  callgate diff docker@20.10.9 docker@20.10.10
  callgate diff docker@24.0.9+runc@1.1.12 docker@24.0.9+crun@1.14 --libseccomp 2.5.5
  callgate diff docker@28.5.2 ./profile.json --cap-add SYS_PTRACE
  callgate diff bpf:before.bpf bpf:after.bpf --format json
`,
      )
      .action(async (a: string, b: string, flags: Flags) => exit(await run(a, b, flags, io)));
  },
};

async function run(a: string, b: string, flags: Flags, io: Io): Promise<number> {
  const [left, right] = [await loadWord(a, b, flags, io), await loadWord(b, a, flags, io)];
  const diff = diffPolicies(left.policy, right.policy, left.context.arch);
  io.out(
    flags.format === 'json'
      ? jsonText(toJson(diff, left, right))
      : await toText(diff, { left, right, words: [a, b] }, io),
  );
  return diff.equal ? 0 : 1;
}

async function loadWord(word: string, beside: string, flags: Flags, io: Io): Promise<Loaded> {
  return load(await resolveTarget(parseTarget(word), flags, io, parseTarget(beside)), io);
}

function toJson(diff: PolicyDiff, left: Loaded, right: Loaded): object {
  const { changes, unnamed, otherArchitectures } = diff;
  const [first] = unnamed.toSorted(
    (a, b) =>
      Number(b.abi === left.context.arch) - Number(a.abi === left.context.arch) ||
      b.last - b.first - (a.last - a.first),
  );
  return {
    schemaVersion: SCHEMA_VERSION,
    equal: diff.equal,
    proved: true,
    left: contextJson(left.context),
    right: contextJson(right.context),
    widened: namesOf(diff, 'widened'),
    narrowed: namesOf(diff, 'narrowed'),
    changes: changes.map((change) => ({
      syscall: change.syscall,
      number: change.number,
      abi: change.abi,
      ...changeJson(change, change.abi, change.number, change.syscall),
    })),
    ...(first === undefined
      ? {}
      : {
          unknownNumbers: {
            ...changeJson(first, first.abi ?? left.context.arch, first.first),
            abi: first.abi ?? null,
            first: first.first,
            last: first.last,
            ranges: unnamed.map((range) => ({
              abi: range.abi ?? null,
              auditArch: `0x${range.auditArch.toString(16)}`,
              first: range.first,
              last: range.last,
              from: range.from.verdict,
              to: range.to.verdict,
            })),
          },
        }),
    ...(otherArchitectures === undefined
      ? {}
      : {
          otherArchitectures: {
            from: verdictOf(otherArchitectures.from, left.context.arch),
            to: verdictOf(otherArchitectures.to, left.context.arch),
          },
        }),
    notes: { left: left.notes.map(({ text }) => text), right: right.notes.map(({ text }) => text) },
  };
}

/** Names of calls, each once whatever its ABI; numbers without a name as ranges. */
export function namesOf({ changes, unnamed }: PolicyDiff, side: 'widened' | 'narrowed'): readonly string[] {
  const names = changes.filter((change) => change[side] !== undefined).map(({ syscall }) => syscall);
  const ranges = unnamed.filter((change) => change[side] !== undefined);
  return [
    ...new Set(names),
    ...ranges.map(
      ({ abi, auditArch, first, last }) => `${abi ?? `0x${auditArch.toString(16)}`}:${first}..${last}`,
    ),
  ];
}

function changeJson(change: Change, abi: AbiName, number: number, syscall?: string): object {
  const { from, to, widened, narrowed, example } = change;
  const args = example.args.map((value) => value ?? 0n);
  return {
    from: from.verdict,
    to: to.verdict,
    ...(from.cases === undefined ? {} : { fromCases: casesJson(from.cases, abi) }),
    ...(to.cases === undefined ? {} : { toCases: casesJson(to.cases, abi) }),
    ...(widened === undefined ? {} : { widened: extentJson(widened, abi, syscall) }),
    ...(narrowed === undefined ? {} : { narrowed: extentJson(narrowed, abi, syscall) }),
    example: {
      abi,
      number,
      args,
      call: formatCall({
        abi,
        number,
        args: example.args,
        ...(syscall === undefined ? {} : { name: syscall }),
      }),
      left: verdictOf(example.left, abi),
      right: verdictOf(example.right, abi),
    },
  };
}

/** Counts go beyond what a JSON number can hold, so they are decimal words. */
function extentJson({ arguments: read, count, of }: Extent, abi: AbiName, syscall?: string): object {
  const signature = syscall === undefined ? undefined : signatureOf(syscall, abi);
  return {
    arguments: read.map((index) => signature?.args[index]?.name ?? `arg${index}`),
    count: count.toString(),
    of: of.toString(),
  };
}

interface Sides {
  readonly left: Loaded;
  readonly right: Loaded;
  readonly words: readonly [string, string];
}

async function toText(diff: PolicyDiff, { left, right, words }: Sides, io: Io): Promise<string> {
  const colours = paint(io);
  const lines = [
    `A  ${colours.bold(printable(words[0]))}  ${colours.dim(await contextLine(left.context))}`,
    `B  ${colours.bold(printable(words[1]))}  ${colours.dim(await contextLine(right.context))}`,
    '',
  ];
  if (diff.equal) {
    lines.push(`${colours.green('✓ equal')}: proved over every ABI, all 2³² numbers and all argument bits`);
  } else {
    lines.push(headline(diff), '', diffTable(diff, left.context.arch, io));
  }
  for (const [side, { notes }] of Object.entries({ A: left, B: right }))
    for (const { text } of notes) lines.push(`note on ${side}: ${wrap(text, io.columns, '           ')}`);
  return `${lines.join('\n')}\n`;
}

/** Each call once, whatever its ABI. */
function headline(diff: PolicyDiff): string {
  const names = new Set(diff.changes.map(({ syscall }) => syscall));
  const has = (side: 'widened' | 'narrowed') =>
    new Set(
      diff.changes.filter((change: CallChange) => change[side] !== undefined).map(({ syscall }) => syscall),
    );
  const [wider, narrower] = [has('widened'), has('narrowed')];
  const other = [...names].filter((name) => !wider.has(name) && !narrower.has(name)).length;
  const rest = [
    diff.unnamed.length > 0 ? 'numbers without a name' : '',
    diff.otherArchitectures === undefined ? '' : 'other architectures',
  ].filter((part) => part !== '');
  const calls = `${names.size} ${names.size === 1 ? 'call' : 'calls'}: ${wider.size} wider, ${narrower.size} narrower, ${other} otherwise`;
  return `≠ different: ${[calls, ...rest].join('; ')} (proved: there is no other difference)`;
}
