import type { Action } from '../../policy/action.js';
import { combinePolicies } from '../../policy/combine.js';
import { halfOf, holds } from '../../policy/decide.js';
import { foldDecision } from '../../policy/fold.js';
import type { Policy, Test } from '../../policy/policy.js';

/**
 * The errnos that a profile gave, for the calls that now go to an agent: one for most, and by audit arch and number
 * those that get another one.
 */
export interface OriginalAnswers {
  readonly errno: number;
  readonly others: ReadonlyMap<number, ReadonlyMap<number, Errno>>;
}

/** An errno, or a comparison of a half of an argument (see policy.ts) that leads to one. */
export type Errno =
  | number
  | (Pick<Test, 'word' | 'mask' | 'op' | 'value'> & { readonly then: Errno; readonly else: Errno });

/** Where the watched policy notifies, what the original one answers. The original must deny all of that. */
export function answersOf(original: Policy, watched: Policy): OriginalAnswers {
  // The agent's part stands out as TRAP: a choice must leave two equal answers as they are.
  const asked = combinePolicies(original, watched, (own, action) =>
    action.kind === 'notify' && own.kind === 'errno' ? { kind: 'trap', data: own.errno } : { kind: 'allow' },
  );
  const ranges = asked.sections.flatMap(({ auditArch, ranges: all }) =>
    all.flatMap(({ from, to, decision }) => {
      const errno = foldDecision<Errno | undefined>(decision, { leaf: errnoOf, test: either });
      return errno === undefined ? [] : [{ auditArch, from, to, errno }];
    }),
  );
  const errno = mostFrequent(ranges.map((range) => range.errno).filter((value) => typeof value === 'number'));
  const others = new Map<number, Map<number, Errno>>();
  for (const { auditArch, from, to, errno: own } of ranges) {
    if (own === errno) continue;
    const numbers = others.get(auditArch) ?? new Map<number, Errno>();
    others.set(auditArch, numbers);
    // Calls are notified by name, so these ranges are short.
    for (let number = from; number <= to; number++) numbers.set(number, own);
  }
  return { errno, others };
}

/** The errno of a call that was notified. */
export function errnoFor(
  { errno, others }: OriginalAnswers,
  call: { readonly auditArch: number; readonly number: number; readonly args: readonly bigint[] },
): number {
  let found = others.get(call.auditArch)?.get(call.number) ?? errno;
  while (typeof found !== 'number')
    found = holds(found, halfOf(call.args[found.word >> 1] ?? 0n, found.word)) ? found.then : found.else;
  return found;
}

/** Undefined for what the agent is not asked. */
const errnoOf = (action: Action): number | undefined => (action.kind === 'trap' ? action.data : undefined);

/** Nobody asks on the side that is not notified, so any answer fits there. */
function either(
  { word, mask, op, value }: Test,
  then: Errno | undefined,
  otherwise: Errno | undefined,
): Errno | undefined {
  if (then === undefined || otherwise === undefined) return then ?? otherwise;
  return then === otherwise ? then : { word, mask, op, value, then, else: otherwise };
}

function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 1;
}
