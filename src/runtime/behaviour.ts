import type { RuntimeName } from '../engine/context.js';

/** One way in which releases of a runtime differ. */
export interface Behaviour extends BehaviourRow {
  readonly runtime: RuntimeName;
}

/** As the table of one runtime has it. */
export interface BehaviourRow {
  readonly behaviour: BehaviourName;
  /** First release; absent: all. */
  readonly since?: string;
  /** Earlier releases of older branches, by `major.minor`. */
  readonly sinceByBranch?: Readonly<Record<string, string>>;
  /** First release that no longer behaves so. */
  readonly until?: string;
  readonly untilByBranch?: Readonly<Record<string, string>>;
  readonly text: string;
  readonly source: string;
}

export type BehaviourName =
  | 'action-kill'
  | 'action-kill-process'
  | 'action-kill-thread'
  | 'action-log'
  | 'action-notify'
  | 'arch-loongarch64'
  | 'arch-riscv64'
  | 'binary-tree'
  | 'conditions-anded'
  | 'default-errno'
  | 'default-flag-log'
  | 'default-flag-spec-allow'
  | 'enosys-stub'
  | 'enosys-stub-native'
  | 'enosys-stub-s390-setup'
  | 'errno-on-other-actions-fails'
  | 'flag-wait-killable-recv'
  | 'flags'
  | 'flags-rejected'
  | 'index-by-position'
  | 'redundant-skipped'
  | 'rule-errno'
  | 'unknown-names-skipped'
  | 'unknown-names-skipped-in-allow';
