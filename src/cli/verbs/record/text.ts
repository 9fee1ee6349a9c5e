import type { FilterPrediction } from '../../../explain/predict.js';
import { wideningLines } from '../../../explain/summaryOfWidening.js';
import type { Addition } from '../../../record/additions.js';
import type { Comparison } from '../../../record/comparison.js';
import type { Coverage } from '../../../record/coverage.js';
import type { ContainerProfile } from '../../../record/forContainer.js';
import type { Io } from '../../io/io.js';
import { type Paint, paint, wrap } from '../../output/paint.js';

const KINDS: Readonly<Record<Addition['kind'], string>> = {
  runtime: 'to start the container',
  always: 'that no run is sure to show',
  companion: 'that no run is sure to show',
  startup: 'for other C libraries and architectures',
  sibling: 'for other C libraries and architectures',
};

/** What was recorded and written, on one screen. */
export function recordText(
  { recorded, additions, fallBack, notes, comparison, prediction }: ContainerProfile,
  coverage: Coverage,
  output: string | undefined,
  io: Io,
): string {
  const colours = paint(io);
  const row = (title: string, text: string): string =>
    `  ${colours.cyan(title.padEnd(9))} ${wrap(text, io.columns, ' '.repeat(12))}\n`;
  const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
  const runs = `${plural(coverage.runs, 'run')} (${coverage.recorders.join(', ')})`;
  const missed =
    coverage.lost === 0 ? 'none is known to be missing' : colours.red(`${coverage.lost} were missed`);
  const head = `recorded ${coverage.kinds} kinds of call, ${coverage.calls.toLocaleString('en')} in all, in ${runs}; ${missed}`;
  const added = new Map<string, number>();
  for (const { kind, names } of additions)
    added.set(KINDS[kind], (added.get(KINDS[kind]) ?? 0) + names.length);
  const parts = [
    `${recorded.length} recorded`,
    ...[...added].map(([reason, count]) => `${count} added ${reason}`),
    ...(fallBack.length === 0 ? [] : [`${fallBack.length} answered with ENOSYS`]),
  ];
  return [
    `callgate: ${wrap(head, io.columns, ' '.repeat(10))}\n`,
    row('profile', `${output === undefined ? '' : `${output}: `}${parts.join(', ')}`),
    ...(comparison === undefined ? [] : [row('allows', allowsText(comparison, prediction, colours))]),
    ...notes.map((note) => row('note', note)),
    ...coverage.unknown.map((text, index) => row(index === 0 ? 'unknown' : '', text)),
  ].join('');
}

function allowsText(
  { allows, defaultAllows, percentFewer, beyond }: Comparison,
  { context: { engine } }: FilterPrediction,
  colours: Paint,
): string {
  const opened = wideningLines({ ...NOTHING, calls: beyond });
  const within =
    opened.length === 0
      ? `${colours.green('✓')} nothing beyond it (proved)`
      : `beyond it (proved): ${opened.join('; ')}`;
  return `${allows} calls of ${defaultAllows} that ${engine.name} ${engine.version} allows by default, ${percentFewer} % fewer; ${within}`;
}

const NOTHING = { numbers: [], narrowed: [], otherwise: [], otherNumbers: [], otherArchitectures: false };
