import { loadDefaults } from '../../engine/defaults.js';
import { parseTarget } from '../../engine/target.js';
import { CallgateError } from '../../error.js';
import { profileOf } from '../../explain/predict.js';
import { abisOf, countVerdicts, type SummaryRow, summarize } from '../../explain/summary.js';
import { verdictOf, verdictWord } from '../../explain/verdict.js';
import { scmpAction } from '../../policy/words.js';
import { formatDocker, formatOci } from '../../profile/format.js';
import type { AbiName } from '../../syscalls/abi.js';
import { abis, findAbi } from '../../syscalls/abis.js';
import { addContextFlags, type ContextFlags, resolveFlags, resolveTarget } from '../context/contextFlags.js';
import { contextLine } from '../context/contextLine.js';
import { type Loaded, load } from '../context/subject.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { casesJson, contextJson, jsonText, SCHEMA_VERSION } from '../output/json.js';
import { paint, verdictSign, wrap } from '../output/paint.js';
import { tableText } from '../output/table.js';
import type { Verb } from '../verb.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'table' | 'json' | 'oci' | 'docker';
  readonly abi?: string;
}

export const showVerb: Verb = {
  name: 'show',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'table', 'json', 'oci', 'docker'])
      .description('Show the effective policy of a target: what happens to every call.')
      .argument(
        '[target]',
        'docker@28.5.2, ./profile.json, oci:config.json, pid:N, container:NAME … (default: as the flags say)',
      )
      .option('--abi <abi>', 'x86, x32 … or all that the filter knows (default: the container’s own)')
      .addHelpText(
        'after',
        `
Examples:
  callgate show docker@28.5.2
  callgate show docker@28.5.2+SYS_ADMIN --format table
  callgate show ./profile.json --format oci        what the engine hands to the runtime
  callgate show inspect:web.json                   the profile in docker inspect's output
  callgate show container:web                      the filter that the kernel holds for it
`,
      )
      .action(async (target: string | undefined, flags: Flags) => {
        await run(target, flags, io);
        exit(0);
      });
  },
};

async function run(word: string | undefined, flags: Flags, io: Io): Promise<void> {
  const subject =
    word === undefined ? await resolveFlags(flags, io) : await resolveTarget(parseTarget(word), flags, io);
  const loaded = await load(subject, io);
  const rows = (): readonly SummaryRow[] => summarize(loaded.policy, chosenAbis(flags.abi, loaded));
  switch (flags.format) {
    case 'human':
      return io.out(await humanText(loaded, rows(), io));
    case 'table':
      return io.out(rowsText(rows(), io));
    case 'json':
      return io.out(jsonText(toJson(loaded, rows())));
    case 'oci':
      return io.out(formatOci(needPrediction(loaded).oci));
    case 'docker': {
      const { context } = loaded;
      const profile = profileOf(context, await loadDefaults(context.engine.name));
      if (profile === undefined) throw noProfile();
      return io.out(formatDocker(profile));
    }
  }
}

function needPrediction({ prediction }: Loaded) {
  if (prediction === undefined) throw noProfile();
  return prediction;
}

function noProfile(): CallgateError {
  return new CallgateError('USAGE', 'this target has no profile to write', {
    hint: 'see --format json, or callgate disasm',
  });
}

function chosenAbis(word: string | undefined, { policy, context }: Loaded): readonly AbiName[] {
  if (word === undefined) return [context.arch];
  if (word === 'all') return abisOf(policy, context.arch);
  return word.split(',').map((part) => {
    const name = findAbi(part);
    if (name !== undefined) return name;
    throw new CallgateError('USAGE', `no ABI is called ${part}`, {
      expected: `all, ${abis.map((row) => row.name).join(', ')}`,
    });
  });
}

/** What is answered where no section and no rule speaks: the filter's default, as far as there is one. */
function defaultAction({ prediction, policy }: Loaded): string {
  return prediction?.oci.defaultAction ?? scmpAction(policy.otherArch);
}

function toJson(loaded: Loaded, rows: readonly SummaryRow[]): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    context: contextJson(loaded.context),
    defaultAction: defaultAction(loaded),
    counts: countVerdicts(rows),
    syscalls: rows.map(({ cases, ...row }) => ({
      ...row,
      ...(cases === undefined ? {} : { cases: casesJson(cases, row.abi) }),
    })),
    notes: loaded.notes.map(({ text }) => text),
  };
}

async function humanText(loaded: Loaded, rows: readonly SummaryRow[], io: Io): Promise<string> {
  const colours = paint(io);
  const counts = countVerdicts(rows);
  const lines = [
    colours.dim(await contextLine(loaded.context)),
    '',
    `${counts.total} calls: ${colours.green(`✓ ${counts.allowed} allowed`)}, ${colours.yellow(`? ${counts.conditional} by arguments`)}, ${colours.red(`✗ ${counts.denied} denied`)}`,
  ];
  for (const [title, members] of grouped(rows)) {
    const first = members[0];
    if (first === undefined) continue;
    lines.push(
      '',
      `${verdictSign(first.verdict, colours)} (${members.length})${title.abi === loaded.context.arch ? '' : ` on ${title.abi}`}`,
    );
    if (first.verdict.action === 'BY_ARGUMENTS') lines.push(...members.flatMap(caseLines));
    else lines.push(`  ${wrap(members.map(({ syscall }) => syscall).join(' '), io.columns, '  ')}`);
  }
  if (loaded.notes.length > 0)
    lines.push('', ...loaded.notes.map(({ text }) => `note: ${wrap(text, io.columns, '      ')}`));
  return `${lines.join('\n')}\n`;
}

/** Denied calls first: that is what people look for. */
function grouped(
  rows: readonly SummaryRow[],
): readonly (readonly [{ readonly abi: AbiName }, readonly SummaryRow[]])[] {
  const groups = new Map<string, SummaryRow[]>();
  for (const row of rows) {
    const key = `${row.abi} ${verdictWord(row.verdict)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const rank = ({ verdict }: SummaryRow): number =>
    verdict.action === 'SCMP_ACT_ALLOW' ? 2 : verdict.action === 'BY_ARGUMENTS' ? 1 : 0;
  return [...groups.values()]
    .flatMap((members) => (members[0] === undefined ? [] : [{ first: members[0], members }]))
    .sort((a, b) => rank(a.first) - rank(b.first))
    .map(({ first, members }) => [{ abi: first.abi }, members] as const);
}

function caseLines({ syscall, abi, cases = [] }: SummaryRow): readonly string[] {
  return cases.map(
    ({ when, action }, index) =>
      `  ${(index === 0 ? syscall : '').padEnd(18)} ${verdictWord(verdictOf(action, abi)).padEnd(10)} ${when.join(' or ')}`,
  );
}

function rowsText(rows: readonly SummaryRow[], io: Io): string {
  const colours = paint(io);
  const room = Math.max(30, io.columns - 70);
  const cells = rows.map(({ syscall, number, abi, verdict, cases = [] }) => {
    const when = cases.map((row) => `${verdictWord(verdictOf(row.action, abi))}: ${row.when.join(' or ')}`);
    return [
      syscall,
      `${number}`,
      abi,
      verdictSign(verdict, colours),
      when.map((text) => wrap(text, room, '')).join('\n'),
    ];
  });
  return `${tableText(['call', 'number', 'ABI', 'verdict', 'when'], cells)}\n`;
}
