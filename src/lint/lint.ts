import type { Position } from '../error.js';
import { locateNearest } from '../profile/validate.js';
import type { LintFinding } from './finding.js';
import type { LintRule, RawFinding } from './rule.js';
import { lintRules } from './rules.js';
import { type LintSubject, lintSubject, type SubjectInput } from './subject.js';

/** Findings after this many are not told: nobody reads them. */
const MOST = 1000;

/**
 * What is wrong with a profile, or otherwise than it seems, in the order of its text.
 *
 * @param input The profile, its text if fixes are wanted, and the container that it is for.
 * @throws CallgateError `UNKNOWN` for a release that the data does not hold
 * @example
 * (await lint({ profile, context: (await resolveContext({ profile })).context })).map(({ rule }) => rule)
 */
export async function lint(input: SubjectInput): Promise<readonly LintFinding[]> {
  const subject = await lintSubject(input);
  const findings = lintRules.flatMap((rule) =>
    rule.check(subject).map((raw) => complete(rule, raw, subject)),
  );
  return findings.sort(inTextOrder).slice(0, MOST);
}

function complete(
  rule: LintRule,
  { path, at, level, ...rest }: RawFinding,
  { profile }: LintSubject,
): LintFinding {
  const place: Position | undefined = at ?? locateNearest(profile, path ?? []);
  return {
    rule: rule.id,
    level: level ?? rule.level,
    ...rest,
    ...(place === undefined ? {} : { at: place }),
  };
}

function inTextOrder(a: LintFinding, b: LintFinding): number {
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0);
}
