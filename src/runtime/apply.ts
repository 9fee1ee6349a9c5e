import type { OciSeccomp } from '../engine/oci.js';
import { ENDLESS } from './collect.js';
import { applyCrun } from './crun.js';
import { LoadFailure, UnknownOutcome } from './failure.js';
import { EndlessLoop, TooMuchWork } from './libseccomp/node.js';
import type { RuntimeResult } from './result.js';
import { applyRunc } from './runc.js';
import type { RuntimeTarget } from './target.js';
import { applyYouki } from './youki.js';

/** google/gvisor runsc/config: --oci-seccomp is off by default; runsc/specutils/seccomp for what it does when on. */
const GVISOR =
  'gVisor leaves linux.seccomp out unless runsc is started with --oci-seccomp, and its sentry, not Linux, answers the calls of the container: what a call gets there is not established';

const TOO_MUCH =
  'the comparisons are so many, and combine in so many ways, that callgate does not follow libseccomp through all of them';

/**
 * What a runtime makes of an OCI seccomp configuration: the policy that the kernel gets, and what became of each rule;
 * or that the container starts without a filter, or not at all.
 *
 * @example
 * applyRuntime(oci, { runtime: { name: 'runc', version: '1.1.5' }, libseccomp: '2.5.4', nativeAbi: 'x86_64' })
 */
export function applyRuntime(oci: OciSeccomp, target: RuntimeTarget): RuntimeResult {
  try {
    switch (target.runtime.name) {
      case 'runc':
        return applyRunc(oci, target);
      case 'crun':
        return applyCrun(oci, target);
      case 'youki':
        return applyYouki(oci, target);
      case 'runsc':
        return { kind: 'unknown', message: GVISOR };
    }
  } catch (error) {
    if (error instanceof LoadFailure) return error.result;
    if (error instanceof UnknownOutcome) return { kind: 'unknown', message: error.message };
    if (error instanceof TooMuchWork) return { kind: 'unknown', message: TOO_MUCH };
    if (error instanceof EndlessLoop) return { kind: 'loadError', message: '', reason: ENDLESS };
    throw error;
  }
}
