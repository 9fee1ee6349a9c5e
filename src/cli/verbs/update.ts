import { parseTarget } from '../../engine/target.js';
import { CallgateError } from '../../error.js';
import { type FilterPrediction, predictProfile } from '../../explain/predict.js';
import { wideningText } from '../../explain/summaryOfWidening.js';
import { type Widening, widenedBy } from '../../explain/widened.js';
import { formatDocker, formatOci } from '../../profile/format.js';
import { toOci } from '../../profile/oci.js';
import type { Profile } from '../../profile/profile.js';
import { readProfile } from '../../profile/read.js';
import { type Conflict, type Updated, updateProfile } from '../../profile/update.js';
import { addContextFlags, type ContextFlags, resolveTarget } from '../context/contextFlags.js';
import { contextLine } from '../context/contextLine.js';
import { predictionOf } from '../context/prediction.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { contextJson, jsonText, SCHEMA_VERSION } from '../output/json.js';
import { paint, wrap } from '../output/paint.js';
import { sideEffectLines, wideningJson } from '../output/widening.js';
import type { Verb } from '../verb.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'json' | 'profile';
  readonly from?: string;
  readonly to?: string;
  readonly output?: string;
}

export const updateVerb: Verb = {
  name: 'update',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'json', 'profile'])
      .description('Move a customised profile from the default that it was made from to a newer one.')
      .argument('<file>', './mine.json')
      .option('--from <target>', 'the default that the file was made from: docker@20.10.9 …')
      .option('--to <target>', 'the default that it is to follow: docker@28.5.2 …')
      .option('-o, --output <file>', 'write the whole profile')
      .addHelpText(
        'after',
        `
Calls whose rules are those of the old default get the new default's rules; calls that the file changed stay as they
are. Where both sides changed a call in different ways, the file's rules stay, and the conflict is listed. Order,
grouping and the rules' comment fields stay; comments in the JSON text, which no engine takes, do not.
What the change opens and closes is told for the container of --to.

Exit: 0, 1 when there are conflicts, 2 for bad input.

Examples:
  callgate update ./mine.json --from docker@20.10.9 --to docker@28.5.2 -o mine-new.json
  callgate update ./mine.json --from ./default-old.json --to ./default-new.json --format json
`,
      )
      .action(async (path: string, flags: Flags) => exit(await run(path, flags, io)));
  },
};

async function run(path: string, flags: Flags, io: Io): Promise<number> {
  const { from, to } = flags;
  if (from === undefined || to === undefined)
    throw new CallgateError('USAGE', 'which defaults?', { expected: '--from TARGET and --to TARGET' });
  if (flags.profile !== undefined)
    throw new CallgateError('USAGE', '--profile and a file: which profile is meant?', {
      hint: 'leave --profile out',
    });
  const ours = readProfile(io.read(path), path === '-' ? '<stdin>' : path);
  const target = async (word: string): Promise<FilterPrediction> =>
    (await predictionOf(await resolveTarget(parseTarget(word), flags, io), io)).before;
  const [old, theirs] = [await target(from), await target(to)];
  const updated = updateProfile(ours, old.profile, theirs.profile);
  const text = write(updated.profile);
  if (flags.output !== undefined) io.write(flags.output, text);
  switch (flags.format) {
    case 'json':
      io.out(jsonText(toJson(updated, effectOf(ours, text, theirs), theirs, text)));
      break;
    case 'profile':
      if (flags.output === undefined) io.out(text);
      for (const conflict of updated.conflicts) io.err(`${conflictText(conflict)}\n`);
      break;
    case 'human':
      io.out(await toText(updated, effectOf(ours, text, theirs), theirs, flags, io));
  }
  return updated.conflicts.length === 0 ? 0 : 1;
}

function write(profile: Profile): string {
  switch (profile.dialect) {
    case 'docker':
      return formatDocker(profile);
    case 'oci':
      return formatOci(toOci(profile));
    case 'spo':
      throw new CallgateError('INPUT', `${profile.source}: a SeccompProfile of Kubernetes is not written`, {
        expected: 'a profile in Docker’s or the OCI runtime’s layout',
      });
  }
}

/** What the update does in the new default's container: a change of the filter, or why there is none. */
type Effect = Widening | { readonly refused: string };

function effectOf(ours: Profile, text: string, { context }: FilterPrediction): Effect {
  const dialect = ours.dialect === 'oci' ? 'oci' : 'docker';
  const [before, after] = [ours, readProfile(text, 'updated.json', { dialect })].map((profile) =>
    predictProfile({ ...context, seccomp: { kind: 'profile', profile } }, profile, false),
  );
  if (after?.kind !== 'filter')
    return {
      refused: `no container starts with the new profile${after !== undefined && 'message' in after ? `: ${after.message}` : ''}`,
    };
  if (before?.kind !== 'filter') return { refused: 'no container starts there with the file as it was' };
  return widenedBy(before.policy, after.policy, context.arch);
}

function toJson(
  { taken, kept, conflicts }: Updated,
  effect: Effect,
  { context }: FilterPrediction,
  text: string,
): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    to: contextJson(context),
    taken,
    kept,
    conflicts,
    ...('refused' in effect ? effect : wideningJson(effect, context.arch)),
    profile: JSON.parse(text),
  };
}

async function toText(
  { taken, kept, conflicts }: Updated,
  effect: Effect,
  { context }: FilterPrediction,
  flags: Flags,
  io: Io,
): Promise<string> {
  const colours = paint(io);
  const lines = [colours.dim(await contextLine(context)), ''];
  const list = (title: string, names: readonly string[]): void => {
    if (names.length > 0) lines.push(wrap(`${title}: ${names.join(' ')}`, io.columns, '  '));
  };
  list('Follows the new default', taken);
  list('Stays as the file has it', kept);
  if (taken.length + kept.length + conflicts.length === 0) lines.push('The file is the new default already.');
  const effects =
    'refused' in effect ? [effect.refused] : [wideningText(effect), ...sideEffectLines(effect, context.arch)];
  lines.push(...effects.map((text) => wrap(text, io.columns, '  ')));
  if (conflicts.length > 0)
    lines.push('', colours.bold('Conflicts, in which the file’s rules stay'), ...conflicts.map(conflictText));
  if (flags.output === undefined) lines.push('', 'Nothing is written: give -o FILE, or --format profile.');
  else lines.push('', `Written to ${flags.output}`);
  return `${lines.join('\n')}\n`;
}

function conflictText({ what, at, old, theirs, ours }: Conflict): string {
  const place = at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `;
  const before = listed(old);
  const side = (words: readonly string[]): string => {
    const list = listed(words);
    if (list === undefined || before === undefined) return words.length === 0 ? 'nothing' : words.join('; ');
    return [
      ...list.filter((word) => !before.includes(word)).map((word) => `+ ${word}`),
      ...before.filter((word) => !list.includes(word)).map((word) => `- ${word}`),
    ].join('  ');
  };
  const first = before === undefined ? `\n    old:    ${side(old)}` : '';
  return `${place}${what}${first}\n    theirs: ${side(theirs)}\n    ours:   ${side(ours)}`;
}

/** The elements of a field that is a list: only what a side adds and takes away is worth a line. */
function listed([text, ...rest]: readonly string[]): readonly string[] | undefined {
  if (text?.startsWith('[') !== true || rest.length > 0) return undefined;
  return (JSON.parse(text) as readonly string[]).map((word) => {
    const value: unknown = JSON.parse(word);
    return typeof value === 'object' && value !== null
      ? Object.values(value).flat().join(' ')
      : String(value);
  });
}
