import { wideningLines } from '../explain/summaryOfWidening.js';
import type { Addition } from '../record/additions.js';
import type { Coverage } from '../record/coverage.js';
import type { ContainerProfile } from '../record/forContainer.js';
import type { Io } from './io.js';
import { paint, wrap } from './paint.js';

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
  const line = (text: string): string => `callgate: ${wrap(text, io.columns - 10, '          ')}\n`;
  const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
  const runs = `${plural(coverage.runs, 'run')} (${coverage.recorders.join(', ')})`;
  const lines = [
    line(
      `recorded ${colours.bold(`${coverage.kinds} kinds of call`)}, ${coverage.calls.toLocaleString('en')} in all, in ${runs}; ${coverage.lost === 0 ? 'none is known to be missing' : colours.red(`${coverage.lost} were missed`)}`,
    ),
  ];
  const added = new Map<string, number>();
  for (const { kind, names } of additions)
    added.set(KINDS[kind], (added.get(KINDS[kind]) ?? 0) + names.length);
  const parts = [
    `${recorded.length} recorded`,
    ...[...added].map(([reason, count]) => `${count} added ${reason}`),
    ...(fallBack.length === 0 ? [] : [`${fallBack.length} answered with ENOSYS`]),
  ];
  lines.push(line(`${output === undefined ? 'the profile' : output}: ${parts.join(', ')}`));
  if (comparison !== undefined) {
    const { engine } = prediction.context;
    const { allows, defaultAllows, percentFewer, beyond } = comparison;
    const opened = wideningLines({ ...NOTHING, calls: beyond });
    const within =
      opened.length === 0
        ? `${colours.green('✓')} nothing beyond it (proved)`
        : `beyond it (proved): ${opened.join('; ')}`;
    lines.push(
      line(
        `allows ${allows} calls of ${defaultAllows} that ${engine.name} ${engine.version} allows by default, ${percentFewer} % fewer; ${within}`,
      ),
    );
  }
  for (const note of notes) lines.push(line(`note: ${note}`));
  lines.push(line('what a recording cannot know:'), ...coverage.unknown.map((text) => line(`- ${text}`)));
  return lines.join('');
}

const NOTHING = { numbers: [], narrowed: [], otherwise: [], otherNumbers: [], otherArchitectures: false };
