import type { Reason } from '../../explain/explanation.js';
import type { Io } from '../io/io.js';
import { paint, wrap } from './paint.js';

/** A profile can have a hundred thousand rules that hold for one call. */
const MOST_OF_A_STAGE = 20;
/** Of one reason; it can list what a rule lists. */
const MOST_CHARACTERS = 2000;

/** Reasons as lines, stage by stage; of a stage that has very many, the first ones and how many there are more. */
export function reasonLines(reasons: readonly Reason[], indent: string, io: Io): readonly string[] {
  const colours = paint(io);
  const counts = new Map<Reason['stage'], number>();
  for (const { stage } of reasons) counts.set(stage, (counts.get(stage) ?? 0) + 1);
  const told = new Map<Reason['stage'], number>();
  const line = (stage: Reason['stage'], text: string): string =>
    `${indent}${colours.cyan(stage.padEnd(11))} ${wrap(text, io.columns, `${indent}${' '.repeat(12)}`)}`;
  return reasons.flatMap(({ stage, text, source }) => {
    const position = told.get(stage) ?? 0;
    told.set(stage, position + 1);
    if (position > MOST_OF_A_STAGE) return [];
    const more = (counts.get(stage) ?? 0) - MOST_OF_A_STAGE;
    if (position === MOST_OF_A_STAGE && more > 1)
      return [line(stage, `… and ${more} more, which --format json lists`)];
    const short = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
    return [line(stage, source === undefined ? short : `${short} ${colours.dim(`(${source})`)}`)];
  });
}
