import type { OciSeccomp } from '../../../src/engine/oci.js';
import { dumpFilters } from '../../../src/linux/process/dumpFilter.js';
import { liftFilters } from '../../../src/linux/process/liftFilters.js';
import { comparePolicies, type Difference } from '../../../src/policy/compare.js';
import type { Policy } from '../../../src/policy/policy.js';
import { applyRuntime } from '../../../src/runtime/apply.js';
import { findBehaviour } from '../../../src/runtime/behaviours.js';
import type { RuntimeTarget } from '../../../src/runtime/target.js';
import { type Container, inContainer, type PlacedRuntime } from '../containers.js';
import { ociJson } from '../oci-json.js';

/** How a real container compares with the prediction. */
export type Judgement =
  | { readonly kind: 'equal' }
  /** It does not start, as predicted. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'mismatch'; readonly text: string };

/** Starts a container with the configuration and compares the filter that the kernel then has with the predicted one. */
export async function judge(
  runtime: PlacedRuntime,
  target: RuntimeTarget,
  oci: OciSeccomp,
  rest: Omit<Container, 'seccomp'>,
): Promise<Judgement> {
  const predicted = applyRuntime(oci, target);
  const seccomp = ociJson(oci);
  const mismatch = (text: string): Judgement => ({ kind: 'mismatch', text: `${text}\n  ${seccomp}` });
  let live: LiveFilter;
  try {
    live = await inContainer(runtime, { seccomp, ...rest }, liveFilter);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    if (predicted.kind === 'loadError' && words.includes(predicted.message)) return { kind: 'refused' };
    const said = predicted.kind === 'loadError' ? predicted.message : 'a filter';
    return mismatch(`it says: ${words}; predicted: ${said}`);
  }
  if (predicted.kind !== 'policy') return mismatch(`it starts; predicted: ${JSON.stringify(predicted)}`);
  const differences = comparePolicies(live.policy, predicted.policy);
  if (differences.length > 0) return mismatch(describe(differences));
  const log = logs(oci, target);
  return live.log === log ? { kind: 'equal' } : mismatch(`audits: ${live.log}; predicted: ${log}`);
}

export interface LiveFilter {
  readonly policy: Policy;
  /** Whether its denials are audited (SECCOMP_FILTER_FLAG_LOG). */
  readonly log: boolean;
}

/** The one filter that a process is under. */
export function liveFilter(pid: number): LiveFilter {
  const { filters } = dumpFilters(pid);
  const [filter] = filters;
  if (filter === undefined || filters.length > 1) throw new Error(`${filters.length} filters`);
  return { policy: liftFilters([filter.program], 'x86_64', `pid:${pid}`), log: filter.log ?? false };
}

function logs({ flags }: OciSeccomp, { runtime }: RuntimeTarget): boolean {
  if (flags !== undefined) return flags.includes('SECCOMP_FILTER_FLAG_LOG');
  return findBehaviour(runtime.name, runtime.version, 'default-flag-log') !== undefined;
}

/** The first few, with what the kernel's filter (left) and the prediction (right) say. */
export function describe(differences: readonly Difference[]): string {
  const show = (part: unknown): string =>
    JSON.stringify(part, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item));
  const lines = differences
    .slice(0, 5)
    .map(
      ({ auditArch, from, to, left, right, example }) =>
        `arch ${auditArch?.toString(16)} ${from}–${to}: real ${show(left)}, predicted ${show(right)}, e.g. ${show(example)}`,
    );
  return [`${differences.length} differences`, ...lines].join('\n  ');
}
