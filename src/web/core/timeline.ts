import { loadDefaults } from '../../engine/defaults.js';
import { resolveContextNow } from '../../engine/resolveContext.js';
import { CallgateError } from '../../error.js';
import { decisionOf } from '../../explain/answer.js';
import { predictWith } from '../../explain/predict.js';
import { usable } from '../../explain/usable.js';
import type { Decision } from '../../policy/policy.js';
import { syscallsOf } from '../../syscalls/table.js';
import { breathe } from './breathe.js';
import { inputOf } from './input.js';
import type { ContextWords } from './words.js';
import { releasesOf } from './world.js';

/** A release at which something changes, everything else as the words say. */
export interface TimelineMark {
  readonly version: string;
  /** Calls of the native ABI that are answered otherwise than by the release before. */
  readonly changed: number;
  /** The container does not start with it, or what happens is not known. */
  readonly fails: boolean;
}

let newest = 0;

/**
 * Where on an engine's line of releases a context's answers change. Decisions are shared, so equal ones are one object.
 * A question that is overtaken by a newer one ends early, with nothing.
 */
export async function timelineOf(words: ContextWords): Promise<readonly TimelineMark[]> {
  const mine = ++newest;
  const defaults = await loadDefaults(words.engine);
  const releases = await releasesOf(words.engine);
  const input = await inputOf(words);
  const marks: TimelineMark[] = [];
  let before: readonly (Decision | undefined)[] | undefined;
  const pause = breathe();
  for (const { version } of releases) {
    await pause();
    if (mine !== newest) return [];
    let now: readonly Decision[] | undefined;
    try {
      const { context } = resolveContextNow({ ...input, engine: `${words.engine}@${version}` }, defaults);
      const { policy } = usable(predictWith(context, defaults));
      now = syscallsOf(context.arch).map(({ number }) => decisionOf(policy, { abi: context.arch, number }));
    } catch (error) {
      if (!(error instanceof CallgateError)) throw error;
    }
    const size = now?.length ?? before?.length ?? 0;
    const changed =
      before === undefined
        ? 0
        : Array.from({ length: size }, (_, i) => i).filter((i) => now?.[i] !== before?.[i]).length;
    if (changed > 0) marks.push({ version, changed, fails: now === undefined });
    before = now ?? Array.from({ length: size });
  }
  return marks;
}
