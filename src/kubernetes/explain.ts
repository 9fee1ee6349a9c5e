import type { Context } from '../engine/context.js';
import { type Answer, answer, questionOf } from '../explain/answer.js';
import { withoutForeignByteOrder } from '../explain/byteOrder.js';
import { effectOf } from '../explain/effect.js';
import type { Effect } from '../explain/explanation.js';
import type { Prediction } from '../explain/predict.js';
import { unconfined } from '../explain/summary.js';
import type { Policy } from '../policy/policy.js';
import { type ParsedCall, parseCall } from '../syscalls/call.js';
import type { Container } from './container.js';
import { type LocalhostReading, readingOf } from './localhostReading.js';
import { type Placement, type PlacementOptions, placementOf } from './placement.js';
import { type PodSecurity, podSecurity } from './podSecurity.js';
import { type Pool, poolsFor } from './pool.js';
import { createPredictor, type Predictor } from './predictor.js';
import type { Workload } from './workload.js';

/** A workload, the Pod Security level that it meets, and what its containers get. */
export interface ExplainedWorkload {
  readonly workload: Workload;
  readonly podSecurity: PodSecurity;
  readonly containers: readonly ExplainedContainer[];
}

/** A container, and what it gets on each pool of nodes. */
export interface ExplainedContainer {
  readonly container: Container;
  /** Whether its processes may gain privileges (a set-user-ID file, file capabilities). */
  readonly noNewPrivileges: boolean;
  readonly pools: readonly ExplainedPlacement[];
}

/** What a container gets on one pool of nodes. */
export interface ExplainedPlacement {
  readonly pool: Pool;
  readonly placement: Placement;
  /** Absent where the container has no policy that can be told. */
  readonly policy?: Policy;
  /** The container is not created, in the engine's or runtime's words. */
  readonly refused?: string;
  readonly unknown?: string;
  readonly calls: readonly ExplainedCall[];
  readonly reading?: LocalhostReading;
}

/** What a call gets in a container. */
export interface ExplainedCall {
  readonly call: ParsedCall;
  readonly answer?: Answer;
  /** What the program sees; absent where arguments decide. */
  readonly effect?: Effect;
}

/** The nodes, and the calls that are asked about. */
export interface ExplainOptions extends PlacementOptions {
  readonly pools: readonly Pool[];
  /** As written: `clone3`, `socket(AF_VSOCK)`. */
  readonly calls: readonly string[];
}

/**
 * What seccomp every container of the workloads gets on every pool of nodes, and what its calls get there.
 *
 * @throws CallgateError `USAGE` for a call that means nothing
 * @example
 * const { objects } = readManifests('apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web}]}', 'pod.yaml');
 * const workloads = objects.flatMap(workloadsOf);
 * const pools = await poolsOf([nodeOfWord('containerd@1.7.27')]);
 * const options = { pools, calls: ['mount'], cluster: defaultCluster, localhost: () => undefined, handlers: new Map() };
 * const [explained] = await explainWorkloads(workloads, options);
 * explained?.containers[0]?.pools[0]?.calls[0]?.answer?.verdict.action; // 'SCMP_ACT_ALLOW'
 */
export async function explainWorkloads(
  workloads: readonly Workload[],
  options: ExplainOptions,
): Promise<readonly ExplainedWorkload[]> {
  const predictor = createPredictor();
  const found: ExplainedWorkload[] = [];
  for (const workload of workloads) {
    const containers: ExplainedContainer[] = [];
    for (const container of workload.pod.containers) {
      const pools: ExplainedPlacement[] = [];
      for (const pool of poolsFor(workload.pod, options.pools))
        pools.push(await explainOn(workload, container, pool, options, predictor));
      const noNewPrivileges = container.allowPrivilegeEscalation === false;
      containers.push({ container, noNewPrivileges, pools });
    }
    found.push({ workload, podSecurity: podSecurity(workload, options.cluster.version), containers });
  }
  return found;
}

async function explainOn(
  workload: Workload,
  container: Container,
  pool: Pool,
  options: ExplainOptions,
  predictor: Predictor,
): Promise<ExplainedPlacement> {
  const placement = await placementOf(workload, container, pool, options);
  const base = { pool, placement, calls: [] };
  switch (placement.kind) {
    case 'none':
      return base;
    case 'refused':
      return { ...base, refused: placement.message };
    case 'unknown':
      return { ...base, unknown: placement.reason };
    case 'context': {
      const { context } = placement;
      const prediction = await predictor(context);
      const outcome = outcomeOf(prediction);
      const reading = readingOf(prediction);
      const rest = { ...base, ...(reading === undefined ? {} : { reading }) };
      if (outcome.policy === undefined) return { ...rest, ...outcome };
      const { policy } = outcome;
      return { ...rest, policy, calls: options.calls.map((text) => callOn(text, context, policy)) };
    }
  }
}

/** A policy, or one of the reasons for which there is none. */
export interface Outcome {
  readonly policy?: Policy;
  /** In the engine's or runtime's words. */
  readonly refused?: string;
  readonly unknown?: string;
}

export function outcomeOf(prediction: Prediction): Outcome {
  switch (prediction.kind) {
    case 'filter':
      return { policy: prediction.policy };
    case 'unconfined':
      return { policy: unconfined };
    case 'unknown':
      return { unknown: prediction.message };
    case 'loadError': {
      const { context, stage, message, reason } = prediction;
      const { name, version } = stage === 'engine' ? context.engine : context.runtime;
      const foreign = withoutForeignByteOrder(prediction);
      const why =
        foreign === undefined
          ? reason
          : `the profile lists ${foreign.architectures.join(', ')}, whose byte order is another than ${context.arch}’s: without them it would load`;
      return { refused: `${name} ${version}: ${message}${why === undefined ? '' : ` (${why})`}` };
    }
  }
}

function callOn(text: string, { arch, kernel }: Context, policy: Policy): ExplainedCall {
  const call = parseCall(text, arch);
  const question = questionOf(call);
  if (question === undefined) return { call };
  const found = answer(policy, question);
  return found.action === undefined
    ? { call, answer: found }
    : { call, answer: found, effect: effectOf(found.action, question, kernel) };
}
