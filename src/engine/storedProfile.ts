/** How data/engines/*.json hold built-in profiles: the first in full, the others as differences to an earlier one. */
export interface StoredProfile {
  /** The profile that this one is told by; absent: everything is here. */
  readonly base?: string;
  /** Everything but the rules; absent: as in the base. */
  readonly head?: StoredHead;
  readonly rules: readonly StoredEntry[];
}

export interface StoredHead {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly defaultErrno?: string;
  readonly architectures?: readonly string[];
  readonly archMap?: readonly (readonly [architecture: string, ...subArchitectures: string[]])[];
}

/** A run of the base's rules, one of them with other names, or a rule of its own. */
export type StoredEntry = StoredKeep | StoredEdit | StoredRule;

export interface StoredKeep {
  /** First and last index of the base's rules. */
  readonly keep: readonly [number, number];
}

export interface StoredEdit {
  /** Index of the base's rule. */
  readonly edit: number;
  /** Position in the base's names, names that leave there, names that come there. */
  readonly names: readonly StoredNameEdit[];
}

export type StoredNameEdit = readonly [at: number, remove: readonly string[], insert: readonly string[]];

export interface StoredRule {
  readonly names: readonly string[];
  /** The old form: one rule for each name. */
  readonly single?: true;
  readonly action: string;
  readonly errnoRet?: number;
  readonly errno?: string;
  readonly args?: readonly StoredArg[];
  readonly includes?: StoredCondition;
  readonly excludes?: StoredCondition;
}

/** index, operator, value, valueTwo (0 when absent) */
export type StoredArg = readonly [index: number, op: string, value: number, valueTwo?: number];

export interface StoredCondition {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
  readonly minKernel?: string;
}
