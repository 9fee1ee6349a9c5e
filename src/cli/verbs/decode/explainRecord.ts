import type { SeccompRecord } from '../../../explain/decode/record.js';
import { askedOf, parseTraced } from '../../../explain/decode/strace.js';
import type { Explanation } from '../../../explain/explanation.js';
import { verdictWord } from '../../../explain/verdict.js';
import { why, whyFilter } from '../../../explain/why.js';
import { type ParsedCall, parseCall } from '../../../syscalls/call.js';
import { type ContextFlags, resolveFlags } from '../../context/contextFlags.js';
import { namesContainer } from '../../context/namesContainer.js';
import { load } from '../../context/subject.js';
import type { Io } from '../../io/io.js';
import { paint, verdictSign, wrap } from '../../output/paint.js';
import { reasonLines } from '../../output/reasonLines.js';

/** What `why` says about a record's call, and whether the log agrees. */
export interface RecordExplanation {
  readonly explanation: Explanation;
  /** Present where this filter cannot have written the record. */
  readonly disagreement?: string;
  /** Told before, for another record. */
  readonly again: boolean;
}

/** Calls that are explained; a log that holds more different ones is told without. */
const MOST_CALLS = 500;

/**
 * Explains records in the container that the flags name; undefined where they name none.
 */
export async function recordExplainer(
  flags: ContextFlags,
  io: Io,
): Promise<((record: SeccompRecord) => Promise<RecordExplanation | undefined>) | undefined> {
  if (!namesContainer(flags)) return undefined;
  const subject = await resolveFlags(flags, io);
  const { context } = subject.resolved;
  const filter = subject.kind === 'context' ? undefined : await load(subject, io);
  const known = new Map<string, Explanation>();
  return async (record) => {
    const call = callOf(record);
    if (call === undefined) return undefined;
    const key = `${call.abi} ${call.number} ${call.args.join()}`;
    const before = known.get(key);
    if (before === undefined && known.size >= MOST_CALLS) return undefined;
    const explanation =
      before ??
      (filter === undefined ? await why(call, context) : whyFilter(call, filter.context, filter.policy));
    known.set(key, explanation);
    const disagreement = disagreementOf(record, explanation);
    return {
      explanation,
      ...(disagreement === undefined ? {} : { disagreement }),
      again: before !== undefined,
    };
  };
}

/** The call with its arguments where the line tells them (strace). */
function callOf({ abi, number, syscall, text, errno }: SeccompRecord): ParsedCall | undefined {
  if (abi === undefined || number === undefined) return undefined;
  const traced = text === undefined ? undefined : parseTraced(`${text} = -1 ${errno ?? 'EPERM'} `);
  if (traced !== undefined) {
    const call = parseCall(askedOf(traced, abi), abi);
    if (call.number === number) return call;
  }
  return {
    abi,
    number,
    args: Array.from({ length: 6 }, () => undefined),
    ...(syscall === undefined ? {} : { name: syscall }),
  };
}

/** A record with another action than the filter's cannot be of this filter. */
function disagreementOf(
  { action, errno }: SeccompRecord,
  { verdict, cases, loadError, unknown }: Explanation,
): string | undefined {
  if (verdict === undefined || loadError !== undefined || unknown !== undefined || cases !== undefined)
    return undefined;
  const logged = action === 'SCMP_ACT_LOG' || action === 'SCMP_ACT_ALLOW' ? 'SCMP_ACT_ALLOW' : action;
  const runs = verdict.action === 'SCMP_ACT_LOG' ? 'SCMP_ACT_ALLOW' : verdict.action;
  if (logged !== undefined && logged !== runs)
    return `the log says ${action?.replace('SCMP_ACT_', '')}: another filter wrote it`;
  if (errno !== undefined && verdict.errno !== undefined && errno !== verdict.errno)
    return `the program saw ${errno}, which this filter does not answer`;
  return errno !== undefined && runs === 'SCMP_ACT_ALLOW'
    ? `the program saw ${errno}, and not from this filter: the kernel refused the call itself`
    : undefined;
}

/** Lines under a record; for a call that was told before, the verdict alone. */
export function explanationText({ explanation, disagreement, again }: RecordExplanation, io: Io): string {
  const colours = paint(io);
  const { verdict, loadError, unknown, reasons, remedies } = explanation;
  const head =
    verdict === undefined
      ? colours.yellow(`? ${loadError ?? unknown ?? explanation.effect?.result ?? 'unknown'}`)
      : verdictSign(verdict, colours);
  const lines = [`  ${head}${again ? colours.dim('  as told above') : ''}`];
  if (disagreement !== undefined) lines.push(`    ${colours.yellow(wrap(disagreement, io.columns, '    '))}`);
  if (again) return `${lines.join('\n')}\n`;
  for (const line of reasonLines(reasons, '    ', io)) lines.push(line);
  const [remedy] = remedies;
  if (remedy !== undefined)
    lines.push(
      `    ${colours.cyan('remedy'.padEnd(11))} ${wrap(`${remedy.title} → ${verdictWord(remedy.verdict)}`, io.columns, ' '.repeat(16))}`,
    );
  return `${lines.join('\n')}\n`;
}
