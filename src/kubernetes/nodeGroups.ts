import type { Context } from '../engine/context.js';
import { diffPolicies, type PolicyDiff } from '../explain/diff.js';
import type { Policy } from '../policy/policy.js';
import type { Profile } from '../profile/profile.js';
import { type Outcome, outcomeOf } from './explain.js';
import type { Pool } from './pool.js';
import { createPredictor } from './predictor.js';

/** Pools whose containers get one and the same policy, which is proved. */
export interface NodeGroup {
  readonly pools: readonly Pool[];
  readonly policy?: Policy;
  /** No container starts, in the engine's or runtime's words. */
  readonly refused?: string;
  readonly unknown?: string;
  /** Against the first group with a policy: what its containers lose and gain here. */
  readonly difference?: PolicyDiff;
}

/**
 * Pools of nodes grouped by what a container gets there that asks for nothing but RuntimeDefault, or `profile`.
 * Windows nodes are left out.
 *
 * @example (await nodeGroups(await poolsOf([nodeOfWord('containerd@1.7.27')]))).length // 1
 */
export async function nodeGroups(pools: readonly Pool[], profile?: Profile): Promise<readonly NodeGroup[]> {
  const predictor = createPredictor();
  const groups: { pools: Pool[]; outcome: Outcome; context: Context }[] = [];
  for (const pool of pools) {
    if (pool.context === undefined) continue;
    const seccomp = profile === undefined ? pool.context.seccomp : ({ kind: 'profile', profile } as const);
    const context = { ...pool.context, seccomp };
    const outcome = outcomeOf(await predictor(context));
    const same = groups.find((group) => sameOutcome(group.outcome, outcome, context));
    if (same === undefined) groups.push({ pools: [pool], outcome, context });
    else same.pools.push(pool);
  }
  const first = groups.find(({ outcome }) => outcome.policy !== undefined);
  return groups.map((group) => {
    const { outcome, context } = group;
    const base = first?.outcome.policy;
    const difference =
      group === first || base === undefined || outcome.policy === undefined
        ? undefined
        : diffPolicies(base, outcome.policy, context.arch);
    return { pools: group.pools, ...outcome, ...(difference === undefined ? {} : { difference }) };
  });
}

function sameOutcome(a: Outcome, b: Outcome, { arch }: Context): boolean {
  if (a.policy === undefined || b.policy === undefined)
    return a.policy === b.policy && a.refused === b.refused && a.unknown === b.unknown;
  return a.policy === b.policy || diffPolicies(a.policy, b.policy, arch).equal;
}
