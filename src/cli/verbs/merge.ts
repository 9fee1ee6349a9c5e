import { CallgateError } from '../../error.js';
import { type Merged, merge } from '../../explain/merge.js';
import { METHOD, proveEquals } from '../../explain/proof.js';
import type { MergeKind } from '../../policy/merge.js';
import { addContextFlags, type ContextFlags, resolveFlags } from '../context/contextFlags.js';
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
  readonly intersect?: boolean;
  readonly union?: boolean;
  readonly prove?: boolean;
  readonly output?: string;
}

export const mergeVerb: Verb = {
  name: 'merge',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'json', 'profile'])
      .description('Write one profile in place of two: what both let run, or what either does.')
      .argument('<a>', 'docker@28.5.2, ./profile.json …')
      .argument('<b>')
      .option('--intersect', 'what both let run')
      .option('--union', 'what either lets run')
      .option('--prove', 'say what is proved of the written profile')
      .option('-o, --output <file>', 'write the whole profile')
      .addHelpText(
        'after',
        `
Both are taken as profiles of the container that the other flags describe. Of two answers the stricter one in the
kernel's order counts in an intersection, the less strict one in a union; where both refuse with an errno, it is A's.
Before anything is written, the result is read back, run through that container's engine and runtime, and proved equal
to the intersection or union over every call; where rules cannot say it, the calls are named and nothing is written.
It is resolved for that container: its capabilities, architecture and libseccomp.

Exit: 0, or 2 for bad input and for what a profile cannot say.

Examples:
  callgate merge ./mine.json docker@28.5.2 --intersect -o strict.json --prove
  callgate merge ./a.json ./b.json --union --engine docker@24.0.9 --format profile
`,
      )
      .action(async (a: string, b: string, flags: Flags) => {
        await run(a, b, flags, io);
        exit(0);
      });
  },
};

async function run(a: string, b: string, flags: Flags, io: Io): Promise<void> {
  const kind = kindOf(flags);
  if (flags.profile !== undefined)
    throw new CallgateError('USAGE', '--profile and two targets: which profile is meant?', {
      hint: 'leave --profile out',
    });
  const { before: first, notes } = await predictionOf(await resolveFlags({ ...flags, profile: a }, io), io);
  const { before: second } = await predictionOf(await resolveFlags({ ...flags, profile: b }, io), io);
  const merged = await merge(kind, first, second);
  if (flags.output !== undefined) io.write(flags.output, merged.text);
  const proved = flags.prove === true ? await prove(merged, flags, io) : undefined;
  switch (flags.format) {
    case 'json':
      return io.out(jsonText(toJson(merged, kind, notes, proved, flags.output)));
    case 'profile':
      return flags.output === undefined ? io.out(merged.text) : undefined;
    case 'human':
      return io.out(await toText(merged, kind, { a, b, notes, proved, output: flags.output }, io));
  }
}

function kindOf({ intersect, union }: Flags): MergeKind {
  if (intersect !== union && (intersect === true || union === true)) return union ? 'union' : 'intersect';
  throw new CallgateError('USAGE', 'intersection or union?', { expected: '--intersect or --union' });
}

/** The file that was written is read again: what is proved is said of it and not of what was in memory. */
async function prove({ after, policy }: Merged, flags: Flags, io: Io): Promise<boolean> {
  if (flags.output === undefined) return proveEquals(after.policy, policy, after.context.arch).proved;
  const { before } = await predictionOf(await resolveFlags({ ...flags, profile: flags.output }, io), io);
  const { proved } = proveEquals(before.policy, policy, before.context.arch);
  if (!proved) throw new Error(`${flags.output} is not what was proved`);
  return proved;
}

function toJson(
  { after, otherErrno, layout, text }: Merged,
  kind: MergeKind,
  notes: readonly string[],
  proved: boolean | undefined,
  output: string | undefined,
): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    context: contextJson(writtenContext(after.context, output)),
    kind,
    firstErrnoCounts: otherErrno,
    ...(proved === undefined ? {} : { proved, method: METHOD }),
    layout,
    profile: JSON.parse(text),
    notes,
  };
}

interface Told {
  readonly a: string;
  readonly b: string;
  readonly notes: readonly string[];
  readonly proved: boolean | undefined;
  readonly output: string | undefined;
}

async function toText(
  { after, otherErrno }: Merged,
  kind: MergeKind,
  { a, b, notes, proved, output }: Told,
  io: Io,
): Promise<string> {
  const colours = paint(io);
  const lines = [colours.dim(await contextLine(writtenContext(after.context, output))), ''];
  const what = `${kind === 'union' ? 'what either lets run' : 'what both let run'} of ${a} and ${b}`;
  lines.push(output === undefined ? what : `${output}: ${what}`);
  if (otherErrno.length > 0)
    lines.push(wrap(`Both refuse, with ${a}’s errno: ${otherErrno.join(' ')}`, io.columns, '  '));
  if (proved === true)
    lines.push(
      `${colours.green('✓ proved')}: the profile, through this engine and runtime, answers every call as the ${kind === 'union' ? 'union' : 'intersection'} does`,
      `  by ${METHOD}`,
    );
  if (output === undefined) lines.push('', 'Nothing is written: give -o FILE, or --format profile.');
  lines.push(...notes.map((note) => `note: ${wrap(note, io.columns, '      ')}`));
  return `${lines.join('\n')}\n`;
}
