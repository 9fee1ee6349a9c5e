import type { RuntimeResult } from '../../src/runtime/result.js';

/** A case in which the model says on purpose something else than the library's program shows. */
export interface Deviation {
  readonly name: string;
  /** Whether it is this case, by what the model says. */
  readonly applies: (result: RuntimeResult) => boolean;
  readonly releases: string;
  readonly reason: string;
}

/**
 * All known ones. The test counts them; a disagreement that none of them explains fails it.
 * There is no case in which both sides give a program and the programs answer a call differently.
 */
export const deviations: readonly Deviation[] = [
  {
    name: 'endless-loop',
    applies: (result) =>
      result.kind === 'loadError' && result.reason.startsWith('the runtime does not come to an end'),
    releases: '2.4.0 to 2.6.1',
    reason:
      'Two rules on a call that share a 64-bit range comparison and differ in the high word of a later argument make ' +
      'the library loop for ever in seccomp_rule_add_array or seccomp_export_bpf. The model says so; the test ' +
      'does not make the calls, but for a few in a process that it kills.',
  },
];
