import { parseTarget } from '../../engine/target.js';
import { CallgateError } from '../../error.js';
import { type Backported, backport } from '../../explain/backport.js';
import type { Change } from '../../explain/diff.js';
import type { FilterPrediction } from '../../explain/predict.js';
import { METHOD } from '../../explain/proof.js';
import { verdictOf, verdictWord } from '../../explain/verdict.js';
import { addContextFlags, type ContextFlags, resolveTarget } from '../context/contextFlags.js';
import { contextLine } from '../context/contextLine.js';
import { predictionOf } from '../context/prediction.js';
import { writtenContext } from '../context/writtenContext.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { contextJson, jsonText, SCHEMA_VERSION } from '../output/json.js';
import { paint, wrap } from '../output/paint.js';
import type { Verb } from '../verb.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'json' | 'profile';
  readonly to?: string;
  readonly output?: string;
}

export const backportVerb: Verb = {
  name: 'backport',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'json', 'profile'])
      .description('Say a target’s profile in words that an older engine, runtime and libseccomp take.')
      .argument('<target>', 'docker@29.0.0, ./profile.json …')
      .option('--to <target>', 'the older container: docker@20.10.9, docker@19.03.15+runc@1.0.0-rc10 …')
      .option('-o, --output <file>', 'write the whole profile')
      .addHelpText(
        'after',
        `
The other flags hold for both containers, as far as the two words leave them open. Fields that the older engine does
not read, rules that its runtime refuses and names that its libseccomp lacks are avoided; each rule is tried in the
model of the older container, and a call that cannot be said is refused rather than let run where that can be said. The
result is compared with the newer policy over every call, and what differs is listed. Where the profile works there as
it is, it keeps its conditions on capabilities and architectures; else it is resolved for the container at hand.

Exit: 0 when both are proved equal, 1 when something cannot be said, 2 for bad input.

Examples:
  callgate backport docker@29.0.0 --to docker@20.10.9 -o newest.json
  callgate backport ./mine.json --engine docker --to docker@19.03.15+runc@1.0.0-rc10
`,
      )
      .action(async (word: string, flags: Flags) => exit(await run(word, flags, io)));
  },
};

async function run(word: string, flags: Flags, io: Io): Promise<number> {
  const { to } = flags;
  if (to === undefined)
    throw new CallgateError('USAGE', 'where to?', { expected: '--to TARGET, e.g. --to docker@20.10.9' });
  const load = async (target: string) =>
    predictionOf(await resolveTarget(parseTarget(target), flags, io), io);
  const { before: newer, notes: there } = await load(word);
  const { before: older, notes: here } = await load(to);
  const notes = [...new Set([...there, ...here])];
  const found = await backport(newer, older);
  if (flags.output !== undefined) io.write(flags.output, found.text);
  switch (flags.format) {
    case 'json':
      io.out(jsonText(toJson(newer, found, notes, flags.output)));
      break;
    case 'profile':
      if (flags.output === undefined) io.out(found.text);
      break;
    case 'human':
      io.out(await toText(newer, found, notes, flags, io));
  }
  return found.diff.equal ? 0 : 1;
}

function toJson(
  newer: FilterPrediction,
  { text, layout, verbatim, after, diff, unknown }: Backported,
  notes: readonly string[],
  output: string | undefined,
): object {
  const { otherArchitectures } = diff;
  return {
    schemaVersion: SCHEMA_VERSION,
    from: contextJson(newer.context),
    to: contextJson(writtenContext(after.context, output)),
    equal: diff.equal,
    proved: true,
    method: METHOD,
    verbatim,
    differences: diff.changes.map(({ syscall, number, abi, from, to, widened }) => ({
      syscall,
      number,
      abi,
      from: from.verdict,
      to: to.verdict,
      wider: widened !== undefined,
      unknownThere: unknown.includes(syscall),
    })),
    otherNumbers: diff.unnamed.map(({ abi, first, last, from, to, widened }) => ({
      abi: abi ?? null,
      first,
      last,
      from: from.verdict,
      to: to.verdict,
      wider: widened !== undefined,
    })),
    ...(otherArchitectures === undefined
      ? {}
      : {
          otherArchitectures: {
            from: verdictOf(otherArchitectures.from, newer.context.arch),
            to: verdictOf(otherArchitectures.to, newer.context.arch),
          },
        }),
    layout,
    profile: JSON.parse(text),
    notes,
  };
}

async function toText(
  newer: FilterPrediction,
  found: Backported,
  notes: readonly string[],
  flags: Flags,
  io: Io,
): Promise<string> {
  const colours = paint(io);
  const { after, diff, verbatim, unknown } = found;
  const lines = [
    colours.dim(await contextLine(newer.context)),
    colours.dim(await contextLine(writtenContext(after.context, flags.output))),
    '',
  ];
  const how = verbatim ? 'as it is' : 'resolved for this container';
  if (diff.equal)
    lines.push(`${colours.green('✓ proved')}: the profile, ${how}, answers every call alike there`);
  else lines.push(colours.bold(`The profile, ${how}; what cannot be said there:`));
  for (const line of differenceLines(found)) lines.push(wrap(`  ${line}`, io.columns, '    '));
  if (unknown.length > 0)
    lines.push(
      wrap(
        `libseccomp ${after.context.libseccomp} has no number for: ${unknown.join(' ')}`,
        io.columns,
        '  ',
      ),
    );
  if (flags.output === undefined) lines.push('', 'Nothing is written: give -o FILE, or --format profile.');
  else lines.push('', `Written to ${flags.output}`);
  lines.push(...notes.map((note) => `note: ${wrap(note, io.columns, '      ')}`));
  return `${lines.join('\n')}\n`;
}

/** Calls by what becomes of them, with the ABIs where these differ; what gets further comes first. */
function differenceLines({ diff }: Backported): readonly string[] {
  const groups = new Map<string, { wider: boolean; names: Set<string> }>();
  const add = (change: Change, name: string, where = ''): void => {
    const wider = change.widened !== undefined;
    const key = `${become(change)}${wider ? ', WIDER' : ''}${where}`;
    const group = groups.get(key) ?? { wider, names: new Set() };
    groups.set(key, group);
    group.names.add(name);
  };
  for (const change of diff.changes) {
    const same = diff.changes.filter(({ syscall }) => syscall === change.syscall);
    const alike = same.filter((other) => become(other) === become(change));
    const abis = alike.map(({ abi }) => abi).join(', ');
    add(change, change.syscall, alike.length === same.length ? '' : ` on ${abis}`);
  }
  for (const change of diff.unnamed)
    add(
      change,
      change.first === change.last ? `number ${change.first}` : `numbers ${change.first}–${change.last}`,
      change.abi === undefined ? '' : ` on ${change.abi}`,
    );
  const rows = [...groups].sort(([, a], [, b]) => Number(b.wider) - Number(a.wider));
  const lines = rows.map(([key, { names }]) => `${key}: ${[...names].join(' ')}`);
  if (diff.otherArchitectures !== undefined) lines.push('other architectures get another answer');
  return lines;
}

const become = ({ from, to }: Change): string =>
  `${verdictWord(from.verdict)} becomes ${verdictWord(to.verdict)}`;
