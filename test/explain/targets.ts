import type { ContextInput } from '../../src/engine/contextInput.js';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { parseContextTarget } from '../../src/engine/target.js';
import { predict, predictProfile } from '../../src/explain/predict.js';
import type { Policy } from '../../src/policy/policy.js';
import { readProfile } from '../../src/profile/read.js';

/** The policy of a context's word on x86_64 unless the word says otherwise. */
export async function policyOf(word: string, more: ContextInput = {}): Promise<Policy> {
  const like = parseContextTarget(word);
  const { context } = await resolveContext({ hostArch: 'x86_64', ...more, like });
  const prediction = await predict(context);
  if (prediction.kind !== 'filter') throw new Error(`${word}: ${prediction.kind}`);
  return prediction.policy;
}

/** The policy of a profile's text with one runtime, whatever engine hands it over. */
export async function policyOfProfile(
  profile: object,
  word = 'docker@28.5.2+runc@1.3.3+libseccomp@2.6.0',
): Promise<Policy> {
  const { context } = await resolveContext({ hostArch: 'x86_64', like: parseContextTarget(word) });
  const read = readProfile(new TextEncoder().encode(JSON.stringify(profile)), 'test.json');
  const prediction = predictProfile(context, read, false);
  if (prediction.kind !== 'filter') throw new Error(`${prediction.kind}: ${JSON.stringify(profile)}`);
  return prediction.policy;
}
