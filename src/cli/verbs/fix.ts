import { CallgateError } from '../../error.js';
import { type Fix, fix, type ProvedRemedy } from '../../explain/fix.js';
import type { FilterPrediction } from '../../explain/predict.js';
import { METHOD } from '../../explain/proof.js';
import { type FormName, formNames, formOf } from '../../explain/remedies/forms.js';
import { remedyText } from '../../explain/remedies/remedies.js';
import { type Report, readReport } from '../../explain/reportCalls.js';
import { wideningText } from '../../explain/summaryOfWidening.js';
import { parseCall } from '../../syscalls/call.js';
import { formatCall } from '../../syscalls/callText.js';
import { addContextFlags, type ContextFlags, resolveFlags } from '../context/contextFlags.js';
import { contextLine } from '../context/contextLine.js';
import { predictionOf } from '../context/prediction.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { casesJson, contextJson, jsonText, SCHEMA_VERSION } from '../output/json.js';
import { paint, verdictSign, wrap } from '../output/paint.js';
import { sideEffectLines, wideningJson } from '../output/widening.js';
import type { Verb } from '../verb.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'json' | 'profile' | FormName;
  readonly report?: string;
  readonly remedy?: string;
  readonly output?: string;
}

export const fixVerb: Verb = {
  name: 'fix',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'json', 'profile', ...formNames])
      .description('Find the smallest change that lets denied calls through, and prove what it opens.')
      .argument('[call...]', "io_uring_setup, 'personality(0x40000)' …")
      .option('--report <file>', 'the denied calls of a report that callgate run --report wrote')
      .option('--remedy <n>', 'which remedy to write (default: the first that the format can say)')
      .option('-o, --output <file>', 'write the whole profile with the change made')
      .addHelpText(
        'after',
        `
Each remedy is simulated in this very context and compared with what was before over every call: what "widens exactly"
does not name gets no further. Arguments that are given are kept: 'personality(0x40000)' allows that value only.
With --report the context is the report's, as far as no flag says otherwise, and calls are left alone whose callers
cope with the refusal.

Exit: 0 when there is a remedy other than no filter at all, or nothing is denied; 1 when not, 2 for bad input.

Examples:
  callgate fix 'personality(0x40000)' --engine docker@28.5.2
  callgate fix io_uring_setup io_uring_enter io_uring_register --engine docker@25.0.0 -o fixed.json
  callgate fix get_mempolicy --format compose
  callgate run --report run.json --like docker -- ./server; callgate fix --report run.json -o fixed.json
`,
      )
      .action(async (calls: readonly string[], flags: Flags) => exit(await run(calls, flags, io)));
  },
};

async function run(words: readonly string[], flags: Flags, io: Io): Promise<number> {
  const report = flags.report === undefined ? undefined : readReport(textOf(flags.report, io), flags.report);
  if (words.length === 0 && report === undefined)
    throw new CallgateError('USAGE', 'no call is named', { hint: 'name calls, or give --report FILE' });
  const { before, notes } = await predictionOf(await subjectOf(report, flags, io), io);
  const calls = [...words.map((word) => parseCall(word, before.context.arch)), ...(report?.calls ?? [])];
  const found = await fix(before, calls, { leaveHarmless: words.length === 0 });
  const chosen = choose(found, flags, before);
  if (flags.output !== undefined) io.write(flags.output, profileOf(chosen));
  io.out(await told({ found, before, notes, ...(chosen === undefined ? {} : { chosen }) }, flags, io));
  return found.remedies.length === 0 || found.remedies.some(({ kind }) => kind !== 'unconfined') ? 0 : 1;
}

const textOf = (path: string, io: Io): string => new TextDecoder().decode(io.read(path));

/** The report's container, as far as no flag says otherwise. */
async function subjectOf(report: Report | undefined, flags: Flags, io: Io) {
  if (report === undefined) return resolveFlags(flags, io);
  const { context, seccomp, capabilities } = report;
  const profile =
    seccomp === 'default'
      ? {}
      : seccomp === 'unconfined'
        ? { securityOpt: ['seccomp=unconfined'] }
        : { profile: seccomp };
  const subject = await resolveFlags(
    { ...(flags.like === undefined ? { ...context, ...profile } : {}), ...flags },
    io,
  );
  const asked = flags.like ?? flags.capAdd ?? flags.capDrop ?? flags.privileged;
  if (asked !== undefined || subject.kind !== 'context') return subject;
  const { resolved } = subject;
  return { ...subject, resolved: { ...resolved, context: { ...resolved.context, capabilities } } };
}

interface Found {
  readonly found: Fix;
  readonly before: FilterPrediction;
  readonly notes: readonly string[];
  readonly chosen?: ProvedRemedy;
}

/** The remedy that is to be written; none where nothing is written. */
function choose({ remedies }: Fix, flags: Flags, { context }: FilterPrediction): ProvedRemedy | undefined {
  const { format, output, remedy } = flags;
  if (remedies.length === 0) return undefined;
  if (remedy !== undefined) {
    const one = /^[1-9][0-9]{0,3}$/.test(remedy) ? remedies[Number(remedy) - 1] : undefined;
    if (one !== undefined) return one;
    throw new CallgateError('USAGE', `there is no remedy ${remedy}`, { expected: `1 to ${remedies.length}` });
  }
  const isProfile = ({ change }: ProvedRemedy): boolean => change.kind === 'profile';
  if (output !== undefined || format === 'profile') return remedies.find(isProfile);
  if (format === 'human' || format === 'json') return undefined;
  return remedies.find(({ change }) => formOf(format, change, fileName(flags), context) !== undefined);
}

const fileName = ({ output }: Flags): string => output ?? 'fixed.json';

function profileOf(chosen: ProvedRemedy | undefined): string {
  if (chosen?.change.kind === 'profile') return chosen.change.text;
  throw new CallgateError('USAGE', chosen === undefined ? NO_RULE : 'this remedy is no change of a profile', {
    hint: 'see --format human for what there is',
  });
}

const NO_RULE = 'no rule in a profile helps here, or nothing is denied';

async function told(all: Found, flags: Flags, io: Io): Promise<string> {
  const { found, before, chosen } = all;
  const { format } = flags;
  switch (format) {
    case 'json':
      return jsonText(toJson(all, flags));
    case 'profile':
      return flags.output === undefined ? profileOf(chosen) : '';
    case 'human':
      return toText(all, flags, io);
    case 'docker-run':
    case 'compose':
    case 'daemon':
    case 'pod': {
      const text = chosen && formOf(format, chosen.change, fileName(flags), before.context);
      if (text !== undefined) return text;
      throw new CallgateError(
        'USAGE',
        found.remedies.length === 0 ? 'nothing is denied' : `${format} has no words for this remedy`,
      );
    }
  }
}

function toJson({ found, before, notes }: Found, flags: Flags): object {
  const { context } = before;
  return {
    schemaVersion: SCHEMA_VERSION,
    context: contextJson(context),
    calls: found.calls.map(({ call, answer, denied, harmless }) => ({
      syscall: call.name ?? null,
      number: call.number ?? null,
      abi: call.abi,
      args: call.args.map((value) => value ?? null),
      verdict: answer.verdict,
      ...(answer.cases === undefined ? {} : { cases: casesJson(answer.cases, call.abi) }),
      denied,
      harmless,
    })),
    remedies: found.remedies.map(
      ({ kind, title, verdict, verdicts, opens, patch, note, change, widening }) => ({
        kind,
        title,
        verdict,
        verdicts,
        opens,
        ...(patch === undefined ? {} : { patch }),
        ...(note === undefined ? {} : { note }),
        ...wideningJson(widening, context.arch),
        forms: Object.fromEntries(
          formNames.flatMap((form) => {
            const text = formOf(form, change, fileName(flags), context);
            return text === undefined ? [] : [[form, text]];
          }),
        ),
        ...(change.kind === 'profile' ? { layout: change.layout, profile: JSON.parse(change.text) } : {}),
      }),
    ),
    proved: true,
    method: METHOD,
    notes,
  };
}

async function toText({ found, before, notes, chosen }: Found, flags: Flags, io: Io): Promise<string> {
  const colours = paint(io);
  const { context } = before;
  const lines = found.calls.map(
    ({ call, answer, harmless }) =>
      `${colours.bold(formatCall(call, context.arch))}  ${verdictSign(answer.verdict, colours)}${harmless ? ', which its callers cope with' : ''}`,
  );
  lines.push(colours.dim(await contextLine(context)), '');
  if (found.remedies.length === 0) lines.push('There is nothing to fix.');
  else lines.push(colours.bold('Remedies, the one that opens least first'));
  for (const [index, remedy] of found.remedies.entries())
    lines.push(...remedyLines(remedy, index + 1, before, io));
  if (found.remedies.length > 0 && !found.remedies.some(({ change }) => change.kind === 'profile'))
    lines.push('', 'No rule in the profile helps: wherever it stands, it has no effect or is refused.');
  if (flags.output !== undefined && chosen !== undefined) {
    const use = formOf('docker-run', chosen.change, flags.output, context);
    lines.push(
      '',
      `Remedy ${found.remedies.indexOf(chosen) + 1} is written to ${flags.output}: ${use?.trim()}`,
    );
  }
  if (notes.length > 0)
    lines.push('', colours.bold('Assumed'), ...notes.map((note) => `  ${wrap(note, io.columns, '  ')}`));
  return `${lines.join('\n')}\n`;
}

const INDENT = '     ';

function remedyLines(
  remedy: ProvedRemedy,
  number: number,
  before: FilterPrediction,
  io: Io,
): readonly string[] {
  const colours = paint(io);
  const lines = [`  ${number}. ${wrap(remedyText(remedy), io.columns, INDENT)}`];
  if (remedy.patch !== undefined)
    lines.push(`${INDENT}${colours.cyan(remedy.patch.replaceAll('\n', `\n${INDENT}`))}`);
  if (remedy.kind === 'unconfined' || remedy.kind === 'image') return lines;
  const effects = [
    wideningText(remedy.widening),
    ...sideEffectLines(remedy.widening, before.context.arch),
    ...(remedy.note === undefined ? [] : [`note: ${remedy.note}`]),
  ];
  return [...lines, ...effects.map((text) => INDENT + wrap(text, io.columns, `${INDENT}  `))];
}
