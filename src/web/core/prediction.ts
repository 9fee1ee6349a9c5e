import { loadDefaults } from '../../engine/defaults.js';
import { type ResolvedContext, resolveContextNow } from '../../engine/resolveContext.js';
import { type Prediction, predictWith } from '../../explain/predict.js';
import { inputOf } from './input.js';
import type { ContextWords } from './words.js';

export interface Predicted {
  readonly resolved: ResolvedContext;
  readonly prediction: Prediction;
}

/** Views ask for the same context again and again; it takes some milliseconds to predict. */
const MOST_KEPT = 12;
const kept = new Map<string, Predicted>();

/** @throws CallgateError for words that mean nothing, and for a profile that cannot be read */
export async function predicted(words: ContextWords): Promise<Predicted> {
  const key = JSON.stringify(words);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const defaults = await loadDefaults(words.engine);
  const resolved = resolveContextNow(await inputOf(words), defaults);
  const found = { resolved, prediction: predictWith(resolved.context, defaults) };
  kept.set(key, found);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return found;
}
