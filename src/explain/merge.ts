import { CallgateError } from '../error.js';
import { type MergeKind, mergeActions, mergePolicies } from '../policy/merge.js';
import type { Policy } from '../policy/policy.js';
import { diffPolicies, type PolicyDiff } from './diff.js';
import type { FilterPrediction } from './predict.js';
import { type Editor, openProfile } from './remedies/editor.js';
import { conjoin, noneOf } from './say/conjunction.js';
import { sayPolicy } from './say/sayPolicy.js';
import { defaultActionOf, type SpelledRule, type Spelling, spellingsOf } from './say/spelling.js';

/** One profile in place of two. */
export interface Merged {
  /** The whole profile. */
  readonly text: string;
  readonly layout: 'docker' | 'oci';
  /** What the runtime makes of it; it equals `policy`, and that is proved. */
  readonly after: FilterPrediction;
  readonly policy: Policy;
  /** Calls that both refuse, with different errnos: they get the first's. */
  readonly otherErrno: readonly string[];
}

/**
 * The profile whose policy is the meet or the join of two containers' policies. Both must be of one context but for
 * their profile. The stricter action in the kernel's order wins on `intersect`, the other one on `union`; of two errnos
 * the first's. The result is simulated in that context and compared with what it should be over every call.
 *
 * @throws CallgateError `INPUT` where no rules say it, naming the calls, or when conditions over arguments are too
 *   many to compare
 * @example (await merge('intersect', prediction, prediction)).after.kind // 'filter'
 */
export async function merge(
  kind: MergeKind,
  first: FilterPrediction,
  second: FilterPrediction,
): Promise<Merged> {
  const editor = await openProfile(first);
  const attempt = said(editor, kind, first, second);
  const { text, after, policy, diff } = attempt;
  if (after.kind !== 'filter' || diff === undefined)
    throw new CallgateError(
      'INPUT',
      'the two profiles cannot be merged: no container starts with the result',
      {
        ...('message' in after ? { hint: after.message } : {}),
      },
    );
  if (!diff.equal) throw unsayable(diff, kind, said(editor, kind, second, first).diff?.equal === true);
  return { text, layout: editor.layout, after, policy, otherErrno: otherErrnos(first, second) };
}

/** The profile that comes closest, with what is left between its policy and the one that is wanted. */
function said(editor: Editor, kind: MergeKind, first: FilterPrediction, second: FilterPrediction) {
  const policy = mergePolicies(kind, first.policy, second.policy);
  const [left, right] = [spellingsOf(first), spellingsOf(second)];
  const plain = (prediction: FilterPrediction): Spelling => ({
    otherwise: defaultActionOf(prediction),
    rules: [],
  });
  const { flags, listenerPath, listenerMetadata } = { ...second.oci, ...first.oci };
  const { text, after } = sayPolicy(editor, first, {
    policy,
    defaultAction: mergeActions(kind, defaultActionOf(first), defaultActionOf(second)),
    architectures: architecturesOf(kind, first.oci.architectures, second.oci.architectures),
    head: {
      ...(flags === undefined ? {} : { flags }),
      ...(listenerPath === undefined ? {} : { listenerPath }),
      ...(listenerMetadata === undefined ? {} : { listenerMetadata }),
    },
    ways: (name) => mergedWays(kind, left.get(name) ?? plain(first), right.get(name) ?? plain(second)),
  });
  const diff = after.kind === 'filter' ? diffPolicies(policy, after.policy, first.context.arch) : undefined;
  return { text, after, policy, diff };
}

function architecturesOf(
  kind: MergeKind,
  first: readonly string[],
  second: readonly string[],
): readonly string[] {
  return kind === 'union'
    ? [...new Set([...first, ...second])]
    : first.filter((word) => second.includes(word));
}

/** Rules that may say both spellings together; which of them do is for a simulation to say. */
function mergedWays(kind: MergeKind, left: Spelling, right: Spelling): readonly (readonly SpelledRule[])[] {
  const choose = (a: SpelledRule['action'], b: SpelledRule['action']) => mergeActions(kind, a, b);
  const pairs = crossed(left, right, choose);
  const otherwise = choose(left.otherwise, right.otherwise);
  const ways: (readonly SpelledRule[])[] = [left.rules, right.rules, [...left.rules, ...right.rules]];
  if (pairs !== undefined)
    ways.push(
      pairs.filter(({ action }) => action.kind !== otherwise.kind),
      pairs,
    );
  const rest = noneOf([...left.rules, ...right.rules]);
  if (rest !== undefined)
    ways.push([...(pairs ?? []), ...rest.map((args): SpelledRule => ({ action: otherwise, args }))]);
  return ways;
}

/** Every alternative of one with every alternative of the other; undefined where one rule cannot say two comparisons. */
function crossed(
  left: Spelling,
  right: Spelling,
  choose: (a: SpelledRule['action'], b: SpelledRule['action']) => SpelledRule['action'],
): readonly SpelledRule[] | undefined {
  const found: SpelledRule[] = [];
  for (const one of withRest(left))
    for (const other of withRest(right)) {
      if (one.args.length + other.args.length === 0) continue;
      const args = conjoin(one.args, other.args);
      if (args === undefined) return undefined;
      if (args !== 'never') found.push({ action: choose(one.action, other.action), args });
    }
  return found.length > 256 ? undefined : found;
}

/** A spelling's alternatives, and the ones that hold where none of them does, as far as rules can say that. */
function withRest({ rules, otherwise }: Spelling): readonly SpelledRule[] {
  const rest = noneOf(rules) ?? [];
  return [...rules, ...rest.map((args) => ({ action: otherwise, args }))];
}

function unsayable(
  { changes, unnamed, otherArchitectures }: PolicyDiff,
  kind: MergeKind,
  swappable: boolean,
): CallgateError {
  const names = [...new Set(changes.map(({ syscall }) => syscall))];
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  const what =
    names.length > 0
      ? `${names.slice(0, MOST_NAMES).join(', ')}${more}`
      : otherArchitectures === undefined
        ? `numbers without a name (${unnamed[0]?.first} …)`
        : 'architectures that neither profile names';
  return new CallgateError(
    'INPUT',
    `the ${kind === 'union' ? 'union' : 'intersection'} cannot be said in a profile: ${what}`,
    {
      hint: swappable
        ? 'it can with the profiles the other way round: where both refuse, the other one’s errno counts then'
        : 'a profile has one rule for a call on all architectures, one answer where no rule matches, and compares each argument once a rule',
    },
  );
}

/** In a message. */
const MOST_NAMES = 12;

function otherErrnos(first: FilterPrediction, second: FilterPrediction): readonly string[] {
  const { changes } = diffPolicies(first.policy, second.policy, first.context.arch);
  const refused = ({ from, to }: (typeof changes)[number]): boolean =>
    from.action?.kind === 'errno' && to.action?.kind === 'errno';
  return [...new Set(changes.filter(refused).map(({ syscall }) => syscall))];
}
