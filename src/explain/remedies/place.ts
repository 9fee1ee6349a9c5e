import type { ProfileRule } from '../../profile/profile.js';
import type { FilterPrediction } from '../predict.js';
import { beyond } from './beyond.js';
import type { Edit, Editor } from './editor.js';
import { placements } from './placements.js';

/** Rules in a profile, at a place where they take effect. */
export interface Placed extends Edit {
  readonly after: FilterPrediction;
  readonly how: string;
  readonly adds: boolean;
  /** Stretches of numbers that change beside what the rules say; 0 is a proof that there are none. */
  readonly beyond: number;
}

/**
 * Finds a place for rules where they do what they say. Each place is simulated; the first one that changes nothing
 * else is taken, or the one that changes least. Undefined when the engine, runtime or libseccomp makes none of them work.
 *
 * @param works whether a simulated filter gives the answers that are wanted
 */
export function place(
  editor: Editor,
  before: FilterPrediction,
  rules: readonly ProfileRule[],
  works: (after: FilterPrediction) => boolean,
): Placed | undefined {
  let best: Placed | undefined;
  for (const { profile, how, adds } of placements(editor.profile, rules)) {
    const { text, after } = editor.simulate(profile);
    if (after.kind !== 'filter' || !works(after)) continue;
    const found: Placed = { text, after, how, adds, beyond: beyond(before.policy, after.policy, rules) };
    if (best === undefined || found.beyond < best.beyond) best = found;
    if (best.beyond === 0) break;
  }
  return best;
}
