import { parseTarget } from '../../engine/target.js';
import { CallgateError } from '../../error.js';
import { type Extended, extend } from '../../explain/extend.js';
import type { FilterPrediction } from '../../explain/predict.js';
import { allowRules, findPreset, presets, rulesOf } from '../../explain/presets.js';
import { METHOD } from '../../explain/proof.js';
import { ruleText } from '../../explain/remedies/rules.js';
import { wideningText } from '../../explain/summaryOfWidening.js';
import type { ProfileRule } from '../../profile/profile.js';
import type { AbiName } from '../../syscalls/abi.js';
import { parseCall } from '../../syscalls/call.js';
import { callsOfSet, syscallSets } from '../../syscalls/sets.js';
import { addContextFlags, type ContextFlags, resolveTarget } from '../context/contextFlags.js';
import { contextLine } from '../context/contextLine.js';
import { predictionOf } from '../context/prediction.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { contextJson, jsonText, SCHEMA_VERSION } from '../output/json.js';
import { paint, wrap } from '../output/paint.js';
import { sideEffectLines, wideningJson } from '../output/widening.js';
import type { Verb } from '../verb.js';
import { extendWatch } from './extend/watch.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'json' | 'profile';
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly preset?: readonly string[];
  readonly output?: string;
  readonly list?: boolean;
  readonly watch?: boolean;
  readonly listenerPath?: string;
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...split(value),
];

/** At commas outside of parentheses. */
function split(text: string): readonly string[] {
  return text
    .split(/,(?![^()]*\))/)
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

export const extendVerb: Verb = {
  name: 'extend',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'json', 'profile'])
      .description('Write a profile that allows or denies more than a target, and prove what it opens.')
      .argument('[target]', 'docker@28.5.2, ./profile.json …')
      .option('--allow <calls>', "@io-uring, mbind, 'personality(0x40000)' …; may be repeated", collect)
      .option('--deny <calls>', '@keyring, ptrace …; may be repeated', collect)
      .option('--preset <name>', 'what a kind of program needs: see --list; may be repeated', collect)
      .option('-o, --output <file>', 'write the whole profile')
      .option('--list', 'the named sets and presets')
      .option('--watch', 'the same answers, with denials told to callgate watch')
      .option('--listener-path <socket>', 'where that agent listens (default: where callgate watch does)')
      .addHelpText(
        'after',
        `
The result is simulated in the same context and compared with the target over every call: what "widens exactly" does
not name gets no further. With --watch nothing is opened: what the target denies goes to the agent, which denies it.

Exit: 0, or 2 for bad input.

Examples:
  callgate extend --list
  callgate extend docker@28.5.2 --preset debug -o debug.json
  callgate extend docker --allow @numa,'personality(0x40000)' --deny @keyring,ptrace -o mine.json
  callgate extend ./profile.json --allow @io-uring --format profile
  callgate extend docker@28.5.2 --watch -o watch.json
`,
      )
      .action(async (target: string | undefined, flags: Flags) => {
        await run(target, flags, io);
        exit(0);
      });
  },
};

async function run(word: string | undefined, flags: Flags, io: Io): Promise<void> {
  if (flags.list === true) return io.out(flags.format === 'json' ? jsonText(listJson()) : listText(io));
  if (word === undefined)
    throw new CallgateError('USAGE', 'which profile is to be extended?', {
      expected: 'docker@VERSION, FILE.json …',
    });
  const { before, notes } = await predictionOf(await resolveTarget(parseTarget(word), flags, io), io);
  const { arch } = before.context;
  if (flags.watch === true) return watch(before, notes, flags, io);
  const chosen = (flags.preset ?? []).map(findPreset);
  const allow = [
    ...chosen.flatMap((preset) => rulesOf(preset, arch)),
    ...allowRules((flags.allow ?? []).flatMap(callsOf), arch),
  ];
  const deny = (flags.deny ?? []).flatMap(callsOf).map((call) => nameOf(call, arch));
  if (allow.length + deny.length === 0)
    throw new CallgateError('USAGE', 'nothing to allow or to deny', {
      expected: '--allow, --deny, --preset or --watch',
    });
  const extended = await extend(before, { allow, deny });
  if (flags.output !== undefined) io.write(flags.output, extended.text);
  const advice = chosen.flatMap(({ name, beside }) => (beside === undefined ? [] : [`${name}: ${beside}`]));
  const all = [...unknownNotes(extended), ...advice, ...notes];
  switch (flags.format) {
    case 'json':
      return io.out(jsonText(toJson(extended, before, allow, all)));
    case 'profile':
      return flags.output === undefined ? io.out(extended.text) : undefined;
    case 'human':
      return io.out(await toText(extended, { before, allow, deny, notes: all, output: flags.output }, io));
  }
}

function watch(before: FilterPrediction, notes: readonly string[], flags: Flags, io: Io): Promise<void> {
  if (flags.allow !== undefined || flags.deny !== undefined || flags.preset !== undefined)
    throw new CallgateError('USAGE', '--watch changes no answer, and stands alone', {
      hint: 'extend the profile first, then extend the result with --watch',
    });
  return extendWatch(before, notes, flags, io);
}

function callsOf(word: string): readonly string[] {
  return word.startsWith('@') ? callsOfSet(word) : [word];
}

function nameOf(text: string, arch: AbiName): string {
  const { name, args } = parseCall(text, arch);
  if (name !== undefined && args.every((value) => value === undefined)) return name;
  throw new CallgateError('USAGE', `--deny ${text}: calls are denied by name, with all their arguments`);
}

function unknownNotes({ unknown, after: { context } }: Extended): readonly string[] {
  if (unknown.length === 0) return [];
  return [
    `${unknown.join(', ')}: ${context.arch} has no such call, or libseccomp ${context.libseccomp} does not know it: nothing changes there`,
  ];
}

function toJson(
  { widening, exact, layout, text }: Extended,
  { context }: FilterPrediction,
  allow: readonly ProfileRule[],
  notes: readonly string[],
): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    context: contextJson(context),
    rules: allow.map(ruleText),
    ...wideningJson(widening, context.arch),
    exact,
    proved: true,
    method: METHOD,
    layout,
    profile: JSON.parse(text),
    notes,
  };
}

interface Told {
  readonly before: FilterPrediction;
  readonly allow: readonly ProfileRule[];
  readonly deny: readonly string[];
  readonly notes: readonly string[];
  readonly output: string | undefined;
}

async function toText(
  { widening }: Extended,
  { before, allow, deny, notes, output }: Told,
  io: Io,
): Promise<string> {
  const colours = paint(io);
  const lines = [colours.dim(await contextLine(before.context)), ''];
  lines.push(...allow.map((rule) => colours.cyan(ruleText(rule))));
  if (deny.length > 0) lines.push(colours.cyan(wrap(`denied: ${deny.join(' ')}`, io.columns, '        ')));
  const effects = [wideningText(widening), ...sideEffectLines(widening, before.context.arch)];
  lines.push('', ...effects.map((text) => wrap(text, io.columns, '  ')));
  if (output === undefined) lines.push('', 'Nothing is written: give -o FILE, or --format profile.');
  else lines.push('', `Written to ${output}: docker run --security-opt seccomp=${output} IMAGE`);
  lines.push(...notes.map((note) => `note: ${wrap(note, io.columns, '      ')}`));
  return `${lines.join('\n')}\n`;
}

function listText(io: Io): string {
  const colours = paint(io);
  const row = (name: string, purpose: string, calls: readonly string[]): string =>
    `  ${colours.bold(name.padEnd(18))} ${wrap(`${purpose}: ${colours.dim(calls.join(' '))}`, io.columns, ' '.repeat(21))}`;
  return [
    colours.bold('Sets, for --allow and --deny'),
    ...syscallSets.map(({ name, purpose, calls }) => row(name, purpose, calls)),
    '',
    colours.bold('Presets'),
    ...presets.map(({ name, purpose, rules }) =>
      row(
        name,
        purpose,
        rules.flatMap(({ calls }) => calls),
      ),
    ),
    '',
  ].join('\n');
}

function listJson(): object {
  return { schemaVersion: SCHEMA_VERSION, sets: syscallSets, presets };
}
