import type { Command } from 'commander';
import { parseCallOrText } from '../../explain/callOrText.js';
import type { Effect, Explanation } from '../../explain/explanation.js';
import type { LayerFacts } from '../../explain/layers/facts.js';
import { remedyText } from '../../explain/remedies/remedies.js';
import { verdictOf, verdictWord } from '../../explain/verdict.js';
import { why, whyFilter } from '../../explain/why.js';
import type { Note } from '../../profile/profile.js';
import type { ParsedCall } from '../../syscalls/call.js';
import { formatCall } from '../../syscalls/callText.js';
import { addContextFlags, resolveFlags, type Subject } from '../context/contextFlags.js';
import { contextLine } from '../context/contextLine.js';
import { addLayerFlags, type LayerFlags, layerFacts } from '../context/layerFlags.js';
import { load } from '../context/subject.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { casesJson, contextJson, jsonText, SCHEMA_VERSION } from '../output/json.js';
import { paint, verdictSign, wrap } from '../output/paint.js';
import { reasonLines } from '../output/reasonLines.js';
import type { Verb } from '../verb.js';
import { historyJson, historyLines } from './why/historyText.js';
import { layerLines } from './why/layersText.js';

interface Flags extends LayerFlags {
  readonly format: 'human' | 'json';
}

export const whyVerb: Verb = {
  name: 'why',
  define: (command: Command, io, exit) => {
    addFormat(addLayerFlags(addContextFlags(command)), ['human', 'json'])
      .description(
        'Say what happens to a call in a container, and why; or which call an error message comes down to.',
      )
      .argument(
        '<call or text>',
        'clone3, 452, 0x1c4, syscall_0x1c4, socket(AF_VSOCK, SOCK_STREAM, 0), x86:socketcall …; an error message, a line of strace or of an audit log, or - for a log on standard input',
      )
      .addHelpText(
        'after',
        `
For a text, the first cause is explained. With a context, causes whose call is allowed there come last.

Exit: 0 when the filter allows it, whatever other layers say, 1 when not, 2 for bad input.

Examples:
  callgate why clone3 --engine docker@20.10.9 --runtime runc@1.0.2 --libseccomp 2.5.1
  callgate why get_mempolicy --engine docker@27.5.1 --cap-add SYS_NICE
  callgate why 'clone(flags=CLONE_NEWUSER|SIGCHLD)' --like containerd@1.7.27+crun
  callgate why chmod --profile ./profile.json --format json
  callgate why "popen failure: Cannot allocate memory" --engine docker@20.10.9
  docker logs web 2>&1 | callgate why -
  callgate why openat2 --profile pid:1234
  callgate why mount --cap-add SYS_ADMIN --security-opt apparmor=docker-default
  callgate why perf_event_open --cap-add PERFMON --user 1000 --sysctl kernel.perf_event_paranoid=2
`,
      )
      .action(async (call: string, flags: Flags) => exit(await run(call, flags, io)));
  },
};

async function run(word: string, flags: Flags, io: Io): Promise<number> {
  const subject = await resolveFlags(flags, io);
  const text = word === '-' ? new TextDecoder().decode(io.read('-')).trim() : word;
  const { context } = subject.resolved;
  const parsed = parseCallOrText(text, context.arch);
  // What knows error messages is loaded for them alone.
  const symptom = parsed === undefined ? await import('./why/symptom.js') : undefined;
  const found = await symptom?.findCause(text, subject, flags);
  const call = parsed ?? found?.call;
  const { notes, explanation } =
    call === undefined ? noCall(subject) : await explain(call, subject, layerFacts(flags, text), io);
  const texts = [...notes.map((note) => note.text), ...(found?.notes ?? [])];
  if (flags.format === 'json') {
    const told =
      explanation === undefined
        ? { schemaVersion: SCHEMA_VERSION, call: null, context: contextJson(context), notes: texts }
        : toJson(explanation, texts);
    io.out(jsonText(found === undefined ? told : { ...told, ...symptom?.causeJson(found, explanation) }));
  } else {
    if (found !== undefined) io.out(symptom?.symptomsText(found.symptoms, context.arch, io) ?? '');
    if (explanation !== undefined)
      io.out(`${found === undefined ? '' : '\n'}${await toText(explanation, texts, io)}`);
  }
  const action = explanation?.verdict?.action;
  return action === 'SCMP_ACT_ALLOW' || action === 'SCMP_ACT_LOG' ? 0 : 1;
}

interface Told {
  readonly explanation: Explanation | undefined;
  readonly notes: readonly Note[];
}

function noCall({ resolved }: Subject): Told {
  return { explanation: undefined, notes: resolved.notes };
}

/** A filter that is there already is asked itself; for a context the whole road is told. */
async function explain(call: ParsedCall, subject: Subject, facts: LayerFacts, io: Io): Promise<Told> {
  if (subject.kind === 'context') {
    const { context, notes } = subject.resolved;
    return { explanation: await why(call, context, facts), notes };
  }
  const { context, policy, notes } = await load(subject, io);
  return { explanation: whyFilter(call, context, policy), notes };
}

function toJson(
  { call, context, cases, remedies, history, ...rest }: Explanation,
  notes: readonly string[],
): object {
  const { name, number, abi, args } = call;
  return {
    schemaVersion: SCHEMA_VERSION,
    call: {
      syscall: name ?? null,
      number: number ?? null,
      abi,
      ...(args.some((value) => value !== undefined) ? { args: args.map((value) => value ?? null) } : {}),
    },
    context: contextJson(context),
    ...rest,
    ...(cases === undefined ? {} : { cases: casesJson(cases, abi) }),
    remedies,
    ...(history === undefined ? {} : { history: historyJson(history, abi) }),
    notes,
  };
}

/** Who the kernel asks after the filter. */
const BY: Readonly<Record<Exclude<Effect['by'], 'seccomp'>, string>> = {
  kernel: 'the kernel',
  capability: 'the kernel, which asks for a capability',
  sysctl: 'the kernel, by a setting',
  'user-namespace': 'the limits of user namespaces',
  apparmor: 'AppArmor',
  devices: 'the device rules',
  path: 'the path',
};

async function toText(explanation: Explanation, notes: readonly string[], io: Io): Promise<string> {
  const { call, context, verdict, cases, effect, loadError, reasons, remedies } = explanation;
  const colours = paint(io);
  const lines: string[] = [
    `${colours.bold(formatCall(call, context.arch))}  ${colours.dim(`${call.abi} ${call.number ?? ''}`)}`,
    colours.dim(await contextLine(context)),
    '',
  ];
  if (loadError !== undefined)
    lines.push(`${colours.red('✗ no container starts with this profile')}: ${loadError}`);
  if (explanation.unknown !== undefined) lines.push(colours.yellow(`? unknown: ${explanation.unknown}`));
  if (verdict !== undefined) {
    const then =
      effect === undefined || effect.by === 'seccomp' || effect.result === 'runs'
        ? ''
        : `, then ${effect.result} from ${BY[effect.by]}`;
    lines.push(`${verdictSign(verdict, colours)}${then}`);
  } else if (effect !== undefined) lines.push(effect.result);
  for (const { when, action } of cases ?? []) {
    lines.push(`    ${verdictWord(verdictOf(action, call.abi)).padEnd(12)} ${when.join(' or ')}`);
  }
  lines.push(...layerLines(explanation.layers, io));
  lines.push('', colours.bold('Why'));
  for (const line of reasonLines(reasons, '  ', io)) lines.push(line);
  lines.push(...historyLines(explanation.history, io));
  if (remedies.length > 0) {
    lines.push('', colours.bold('Remedies, the one that opens least first'));
    for (const [index, remedy] of remedies.entries()) {
      lines.push(`  ${index + 1}. ${wrap(remedyText(remedy), io.columns, '     ')}`);
      if (remedy.patch !== undefined) lines.push(`     ${colours.cyan(remedy.patch)}`);
      if (remedy.note !== undefined) lines.push(`     ${wrap(`note: ${remedy.note}`, io.columns, '     ')}`);
    }
  }
  if (notes.length > 0)
    lines.push('', colours.bold('Assumed'), ...notes.map((note) => `  ${wrap(note, io.columns, '  ')}`));
  return `${lines.join('\n')}\n`;
}
