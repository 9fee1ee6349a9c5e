import { CallgateError } from '../error.js';
import { syscallNumber } from '../syscalls/table.js';
import { diffPolicies, type PolicyDiff } from './diff.js';
import type { FilterPrediction } from './predict.js';
import { type Editor, openProfile } from './remedies/editor.js';
import { sayPolicy } from './say/sayPolicy.js';
import { defaultActionOf, spellingsOf } from './say/spelling.js';

/** A profile in words that an older engine, runtime and libseccomp take. */
export interface Backported {
  /** The whole profile. */
  readonly text: string;
  readonly layout: 'docker' | 'oci';
  /** The profile is the newer one's own text, conditions and all; else it is resolved for one container. */
  readonly verbatim: boolean;
  readonly after: FilterPrediction;
  /** From the newer policy to the older one: everything that cannot be said there. */
  readonly diff: PolicyDiff;
  /** Calls that differ and that the older libseccomp has no number for. */
  readonly unknown: readonly string[];
}

/**
 * A container's profile said for another container, usually an older one. What cannot be said is refused there rather than
 * let run, as far as that can be said; `diff` has all of it, by comparison over every call.
 *
 * @throws CallgateError `INPUT` when the older container starts with nothing that was tried, or when conditions over
 *   arguments are too many to compare
 * @example (await backport(prediction, prediction)).diff.equal // true
 */
export async function backport(newer: FilterPrediction, older: FilterPrediction): Promise<Backported> {
  const editor = await openProfile(older);
  const { layout } = editor;
  const { arch, libseccomp } = older.context;
  const own = verbatim(editor, newer);
  if (own?.diff.equal === true) return { ...own, layout, verbatim: true, unknown: [] };
  const spellings = spellingsOf(newer);
  const { listenerPath, listenerMetadata } = newer.oci;
  const { text, after } = sayPolicy(editor, older, {
    policy: newer.policy,
    defaultAction: defaultActionOf(newer),
    architectures: newer.oci.architectures,
    head: {
      ...(listenerPath === undefined ? {} : { listenerPath }),
      ...(listenerMetadata === undefined ? {} : { listenerMetadata }),
    },
    ways: (name) => [spellings.get(name)?.rules ?? []],
  });
  if (after.kind !== 'filter')
    throw new CallgateError('INPUT', 'no container starts there with anything that says this profile', {
      ...('message' in after ? { hint: after.message } : {}),
    });
  const resolved = { text, after, diff: diffPolicies(newer.policy, after.policy, arch) };
  const kept = own !== undefined && isNoWorse(own.diff, resolved.diff) ? own : undefined;
  const chosen = kept ?? resolved;
  const unknown = chosen.diff.changes
    .filter(({ syscall, abi }) => syscallNumber(syscall, abi, libseccomp) === undefined)
    .map(({ syscall }) => syscall);
  return { ...chosen, layout, verbatim: kept !== undefined, unknown: [...new Set(unknown)] };
}

function isNoWorse(one: PolicyDiff, other: PolicyDiff): boolean {
  const size = ({ changes, unnamed }: PolicyDiff): number => changes.length + unnamed.length;
  const wider = [...one.changes, ...one.unnamed].some(({ widened }) => widened !== undefined);
  return !wider && size(one) <= size(other);
}

/** The newer profile as it is, where the older container starts with it. */
function verbatim(
  editor: Editor,
  { profile, policy, context }: FilterPrediction,
): Pick<Backported, 'text' | 'after' | 'diff'> | undefined {
  if (editor.layout === 'oci') return undefined;
  const { text, after } = editor.simulate(profile);
  if (after.kind !== 'filter') return undefined;
  return { text, after, diff: diffPolicies(policy, after.policy, context.arch) };
}
