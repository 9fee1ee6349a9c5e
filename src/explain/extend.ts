import { CallgateError } from '../error.js';
import { letsRun } from '../policy/widening.js';
import type { Profile, ProfileRule } from '../profile/profile.js';
import { syscallNumber } from '../syscalls/table.js';
import type { FilterPrediction } from './predict.js';
import { beyond, lacking } from './remedies/beyond.js';
import { type Editor, newRule, openProfile } from './remedies/editor.js';
import { place } from './remedies/place.js';
import { without } from './remedies/placements.js';
import { type Widening, widenedBy } from './widened.js';

/** What a profile is to allow and to deny beside what it says. */
export interface ExtendOptions {
  /** Rules of SCMP_ACT_ALLOW; comparisons by EQ and MASKED_EQ only. */
  readonly allow: readonly ProfileRule[];
  readonly deny: readonly string[];
}

/** A profile with calls allowed and denied, and what that opens. */
export interface Extended {
  /** The whole profile. */
  readonly text: string;
  readonly layout: 'docker' | 'oci';
  readonly after: FilterPrediction;
  readonly widening: Widening;
  /** Nothing but the calls that were named changes, and those that were to be allowed open for nothing but what was named. */
  readonly exact: boolean;
  /** Names that this container's architecture or libseccomp does not know, so that their rules have no effect. */
  readonly unknown: readonly string[];
}

/**
 * A container's profile with calls allowed and denied, simulated in the same context, with a proof of what it opens.
 *
 * @throws CallgateError `USAGE` for calls that are to be allowed and denied, `INPUT` when no place in the profile gives
 *   the rules their effect
 * @example (await extend(prediction, { allow: allowRules(['mbind'], 'x86_64'), deny: [] })).widening.calls[0]?.syscall // 'mbind'
 */
export async function extend(before: FilterPrediction, { allow, deny }: ExtendOptions): Promise<Extended> {
  const both = deny.filter((name) => allow.some(({ names }) => names.includes(name)));
  if (both.length > 0)
    throw new CallgateError('USAGE', `${both.join(', ')}: to be allowed or to be denied?`, {
      hint: 'name each call on one side',
    });
  const { context } = before;
  const unknown = [...allow.flatMap(({ names }) => names), ...deny].filter(
    (name) => syscallNumber(name, context.arch, context.libseccomp) === undefined,
  );
  const opened = await openProfile(before);
  const editor: Editor = { ...opened, profile: withDenied(opened.profile, deny, before) };
  const works = (after: FilterPrediction): boolean =>
    lacking(after.policy, allow, context.arch).every((name) => unknown.includes(name)) &&
    lacking(after.policy, [newRule(deny, '')], context.arch).length === new Set(deny).size;
  const placed = allow.length === 0 ? denyOnly(editor, works) : place(editor, before, allow, works);
  if (placed === undefined)
    throw new CallgateError(
      'INPUT',
      'the rules have no effect beside those of the profile, wherever they stand',
      {
        hint: 'rules of the profile with comparisons of the same arguments may be in their way: take those out first',
      },
    );
  const { text, after } = placed;
  const named = [...allow, newRule(deny, 'SCMP_ACT_ERRNO')];
  return {
    text,
    layout: editor.layout,
    after,
    widening: widenedBy(before.policy, after.policy, context.arch),
    exact: beyond(before.policy, after.policy, named) === 0,
    unknown: [...new Set(unknown)],
  };
}

function denyOnly(editor: Editor, works: (after: FilterPrediction) => boolean) {
  const { text, after } = editor.simulate(editor.profile);
  return after.kind === 'filter' && works(after) ? { text, after } : undefined;
}

const EPERM = 1;

/** Runtimes drop a rule with the default action, so where that denies, the names only have to go from the others. */
function withDenied(profile: Profile, deny: readonly string[], { runtime, oci }: FilterPrediction): Profile {
  if (deny.length === 0) return profile;
  const names = new Set(deny);
  const rules = without(profile.rules, names, () => true);
  const open =
    letsRun(runtime.policy.otherArch) ||
    oci.defaultAction === 'SCMP_ACT_ALLOW' ||
    oci.defaultAction === 'SCMP_ACT_LOG';
  const added = open ? [newRule(deny, 'SCMP_ACT_ERRNO', { errnoRet: EPERM })] : [];
  return { ...profile, rules: [...added, ...rules], locate: () => undefined };
}
