/** What a cell looks like; its word says the rest. */
export const verdictKinds = [
  'allowed',
  'arguments',
  'errno',
  'enosys',
  'killed',
  /** A tracer or a supervisor answers. */
  'handed',
  /** No container starts, or it is not known. */
  'none',
] as const;

export type VerdictKind = (typeof verdictKinds)[number];
