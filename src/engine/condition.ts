import type { ProfileRule } from '../profile/profile.js';
import type { ConditionField, DroppedRule } from './expansion.js';
import type { MinKernelError } from './minKernel.js';

/** What the conditions of a profile's rules are about. */
export interface World {
  /** The engine's word for the host's architecture. */
  readonly arch: string;
  /** Bounding set, full names. */
  readonly capabilities: ReadonlySet<string>;
  readonly kernel: string;
  /** Undefined: the engine does not read minKernel. */
  readonly atLeast: ((minKernel: string) => boolean | MinKernelError | undefined) | undefined;
}

type Failure = Omit<DroppedRule, 'rule'>;

/**
 * The first condition that keeps a rule from the container, in the order of moby's and containers-common's
 * setupSeccomp; undefined when the rule applies.
 */
export function failedCondition(rule: ProfileRule, world: World): Failure | MinKernelError | undefined {
  const { includes, excludes } = rule;
  const fail = (condition: ConditionField, values: readonly string[], text: string): Failure => ({
    condition,
    values,
    text,
  });

  if (excludes.arches.includes(world.arch)) {
    return fail('excludes.arches', [world.arch], `not for architecture ${world.arch}`);
  }
  const present = excludes.caps.find((cap) => world.capabilities.has(cap));
  if (present !== undefined) {
    return fail('excludes.caps', [present], `only without ${present}, which the container has`);
  }
  const newer = kernelTest(excludes.minKernel, world);
  if (typeof newer === 'object') return newer;
  if (newer === true) {
    const kernel = excludes.minKernel ?? '';
    return fail('excludes.minKernel', [kernel], `only before kernel ${kernel}, and this is ${world.kernel}`);
  }
  if (includes.arches.length > 0 && !includes.arches.includes(world.arch)) {
    const here = world.arch === '' ? 'an architecture that the engine has no word for' : world.arch;
    return fail(
      'includes.arches',
      includes.arches,
      `only for ${includes.arches.join(', ')}, and this is ${here}`,
    );
  }
  const missing = includes.caps.filter((cap) => !world.capabilities.has(cap));
  if (missing.length > 0) {
    return fail(
      'includes.caps',
      missing,
      `needs ${missing.join(' and ')}, which the container does not have`,
    );
  }
  const old = kernelTest(includes.minKernel, world);
  if (typeof old === 'object') return old;
  if (old === false) {
    const kernel = includes.minKernel ?? '';
    return fail('includes.minKernel', [kernel], `needs kernel ${kernel}, and this is ${world.kernel}`);
  }
  return undefined;
}

function kernelTest(minKernel: string | undefined, world: World): boolean | MinKernelError | undefined {
  return minKernel === undefined ? undefined : world.atLeast?.(minKernel);
}
