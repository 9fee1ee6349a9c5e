import type { Context } from '../engine/context.js';
import { answer, questionOf } from '../explain/answer.js';
import { diffPolicies } from '../explain/diff.js';
import { unconfined } from '../explain/summary.js';
import type { Verdict } from '../explain/verdict.js';
import type { Policy } from '../policy/policy.js';
import { reachOf } from '../policy/reach.js';
import type { ParsedCall } from '../syscalls/call.js';
import { formatCall } from '../syscalls/callText.js';
import type { Container } from './container.js';
import { outcomeOf } from './explain.js';
import { type Needs, needsOf } from './needs.js';
import { type PlacementOptions, placementOf } from './placement.js';
import { type Pool, poolsFor } from './pool.js';
import { createPredictor, type Predictor } from './predictor.js';
import type { EffectiveProfile } from './seccompProfile.js';
import type { Workload } from './workload.js';

/** What is changed: the profile of every container, or the node that it runs on. */
export type ImpactTarget =
  | { readonly kind: 'profile'; readonly profile: EffectiveProfile }
  | { readonly kind: 'pool'; readonly pool: Pool };

/** The nodes, what is to change, and the calls that containers are known to make. */
export interface ImpactOptions extends PlacementOptions {
  readonly pools: readonly Pool[];
  readonly to: ImpactTarget;
  readonly needs: readonly Needs[];
}

/** What a change means for one container on one pool of nodes. */
export interface ImpactRow {
  readonly workload: Workload;
  readonly container: Container;
  readonly pool: Pool;
  readonly impact: Impact;
}

/** What a change means for a container. */
export type Impact =
  /** Calls that run now and would not; `needed`: the container is known to make them, else it may or may not. */
  | {
      readonly kind: 'compared';
      readonly needed: boolean;
      readonly lost: readonly LostCall[];
      /** Would run with some arguments only. */
      readonly limited: readonly LostCall[];
    }
  /** It would not be created any more, in words. */
  | { readonly kind: 'refused'; readonly message: string }
  /** It is not created today either. */
  | { readonly kind: 'refusedNow'; readonly message: string }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'none'; readonly reason: string };

/** A call, before and after a change. */
export interface LostCall {
  readonly call: string;
  readonly from: Verdict;
  readonly to: Verdict;
}

/**
 * Which calls every container would lose on every pool, if all had another profile or ran on another node.
 *
 * @throws CallgateError `USAGE` for a call of the needs that means nothing
 */
export async function impactOf(
  workloads: readonly Workload[],
  options: ImpactOptions,
): Promise<readonly ImpactRow[]> {
  const predictor = createPredictor();
  const compared = new Map<Policy, Map<Policy, Compared>>();
  const rows: ImpactRow[] = [];
  for (const workload of workloads)
    for (const container of workload.pod.containers)
      for (const pool of poolsFor(workload.pod, options.pools)) {
        const impact = await impactOn({ workload, container, pool }, options, predictor, compared);
        rows.push({ workload, container, pool, impact });
      }
  return rows;
}

type Compared = Pick<Extract<Impact, { kind: 'compared' }>, 'lost' | 'limited'>;

async function impactOn(
  { workload, container, pool }: Pick<ImpactRow, 'workload' | 'container' | 'pool'>,
  { to, needs, ...options }: ImpactOptions,
  predictor: Predictor,
  compared: Map<Policy, Map<Policy, Compared>>,
): Promise<Impact> {
  const before = await policyOn(workload, container, pool, options, predictor);
  const after =
    to.kind === 'profile'
      ? await policyOn(workload, container, pool, { ...options, instead: to.profile }, predictor)
      : await policyOn(workload, container, to.pool, options, predictor);
  if (after.kind !== 'policy') return after;
  const needed = needsOf(needs, workload, container, after.context.arch);
  // What is needed has run somewhere; what it gets today need not be known to say what it would lose.
  if (needed !== undefined && before.kind !== 'policy')
    return { kind: 'compared', needed: true, ...ofCalls(needed, unconfined, after.policy) };
  if (before.kind !== 'policy')
    return before.kind === 'refused' ? { kind: 'refusedNow', message: before.message } : before;
  if (needed !== undefined)
    return { kind: 'compared', needed: true, ...ofCalls(needed, before.policy, after.policy) };
  const known = compared.get(before.policy)?.get(after.policy);
  const all = known ?? ofAll(before.context, before.policy, after.policy);
  if (known === undefined) {
    const inner = compared.get(before.policy) ?? new Map<Policy, Compared>();
    compared.set(before.policy, inner.set(after.policy, all));
  }
  return { kind: 'compared', needed: false, ...all };
}

type PolicyOn =
  | { readonly kind: 'policy'; readonly policy: Policy; readonly context: Context }
  | Extract<Impact, { kind: 'refused' | 'unknown' | 'none' }>;

async function policyOn(
  workload: Workload,
  container: Container,
  pool: Pool,
  options: PlacementOptions,
  predictor: Predictor,
): Promise<PolicyOn> {
  const placement = await placementOf(workload, container, pool, options);
  switch (placement.kind) {
    case 'refused':
      return { kind: 'refused', message: placement.message };
    case 'unknown':
    case 'none':
      return { kind: placement.kind, reason: placement.reason };
    case 'context': {
      const outcome = outcomeOf(await predictor(placement.context));
      if (outcome.policy !== undefined)
        return { kind: 'policy', policy: outcome.policy, context: placement.context };
      return outcome.refused === undefined
        ? { kind: 'unknown', reason: outcome.unknown ?? '' }
        : { kind: 'refused', message: outcome.refused };
    }
  }
}

/** How far a call gets at most and at least, over the arguments that are not given. */
function reach({ action, cases }: ReturnType<typeof answer>): {
  readonly most: number;
  readonly least: number;
} {
  const all = action === undefined ? (cases ?? []).map((each) => reachOf(each.action)) : [reachOf(action)];
  return { most: Math.max(...all), least: Math.min(...all) };
}

function ofCalls(calls: readonly ParsedCall[], before: Policy, after: Policy): Compared {
  const lost: LostCall[] = [];
  const limited: LostCall[] = [];
  for (const call of calls) {
    const question = questionOf(call);
    if (question === undefined) continue;
    const [from, to] = [answer(before, question), answer(after, question)];
    const [was, will] = [reach(from), reach(to)];
    const row = { call: formatCall(call), from: from.verdict, to: to.verdict };
    if (will.most < was.most) lost.push(row);
    else if (will.least < was.least) limited.push(row);
  }
  return { lost, limited };
}

/** Every call of the native ABI that gets less far with some arguments. */
function ofAll({ arch }: Context, before: Policy, after: Policy): Compared {
  const lost: LostCall[] = [];
  const limited: LostCall[] = [];
  for (const { syscall, abi, from, to, narrowed } of diffPolicies(before, after, arch).changes) {
    if (abi !== arch || narrowed === undefined) continue;
    const row = { call: syscall, from: from.verdict, to: to.verdict };
    if (reach(to).most < reach(from).most) lost.push(row);
    else limited.push(row);
  }
  return { lost, limited };
}
