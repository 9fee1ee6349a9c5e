import json from '../../../data/syscalls/siblings.json' with { type: 'json' };
import { abisOf } from '../../explain/summary.js';
import type { AbiName } from '../../syscalls/abi.js';
import type { Path } from '../document.js';
import { listed, placesByName } from '../names.js';
import { type Outcome, outcomeOf } from '../outcome.js';
import type { LintRule, RawFinding } from '../rule.js';

interface Group {
  readonly kind: 'replacements' | 'ways';
  readonly effect: string;
  readonly calls: readonly string[];
}

const groups = json.groups as readonly Group[];

/** A call that is treated unlike another one that does the same. */
export const missingSibling: LintRule = {
  id: 'missing-sibling',
  level: 'warning',
  title: 'A call is treated unlike another one that does the same',
  check: ({ profile, filter, context }) => {
    if (filter === undefined) return [];
    const places = placesByName(profile);
    const opensByDefault =
      profile.defaultAction === 'SCMP_ACT_ALLOW' || profile.defaultAction === 'SCMP_ACT_LOG';
    const findings: RawFinding[] = [];
    const said = new Set<string>();
    for (const group of groups) {
      if (group.kind === 'ways' && !opensByDefault) continue;
      for (const abi of abisOf(filter.policy, context.arch)) {
        // What a program may use to break out counts; that x32 programs, which hardly anybody has, may fail does not.
        if (abi === 'x32' && !opensByDefault) continue;
        const outcomes = group.calls.flatMap((name) => {
          const outcome = outcomeOf(filter.policy, name, abi);
          return outcome === undefined ? [] : [{ name, outcome }];
        });
        const finding = opensByDefault
          ? leftOpen(group, outcomes, abi, (name) => places.get(name)?.[0]?.path)
          : leftOut(group, outcomes, abi, (name) => places.get(name)?.[0]?.path);
        if (finding === undefined) continue;
        const key = JSON.stringify(finding.path);
        // The same on a second ABI is no second finding.
        if (said.has(key)) continue;
        said.add(key);
        findings.push(finding);
      }
    }
    return findings;
  },
};

type Row = { readonly name: string; readonly outcome: Outcome };
type Locate = (name: string) => Path | undefined;

/** A list of denied calls that leaves another way open. */
function leftOpen({ effect }: Group, rows: readonly Row[], abi: AbiName, at: Locate): RawFinding | undefined {
  const denied = rows.find(({ name, outcome }) => outcome.kind !== 'runs' && at(name) !== undefined);
  const open = rows.filter(({ outcome }) => outcome.kind === 'runs').map(({ name }) => name);
  const path = denied === undefined ? undefined : at(denied.name);
  if (denied === undefined || path === undefined || open.length === 0) return undefined;
  const how = denied.outcome.kind === 'conditional' ? 'restricts' : 'denies';
  return {
    path,
    text: `the profile ${how} ${denied.name}, but a program on ${abi} ${effect} with ${listed(open)} as well`,
  };
}

/** A list of allowed calls that lacks one that programs may use in place of another. */
function leftOut({ effect }: Group, rows: readonly Row[], abi: AbiName, at: Locate): RawFinding | undefined {
  const allowed = rows.find(({ name, outcome }) => outcome.kind === 'runs' && at(name) !== undefined);
  const path = allowed === undefined ? undefined : at(allowed.name);
  if (allowed === undefined || path === undefined) return undefined;
  const restricted = rows.filter(({ outcome }) => outcome.kind === 'conditional').map(({ name }) => name);
  if (restricted.length > 0) {
    const text = `${allowed.name} runs with any arguments, though it ${effect} as ${listed(restricted)} does, which the profile restricts`;
    return { path, text };
  }
  // After ENOSYS programs take the older call.
  const out = rows
    .filter(({ outcome }) => outcome.kind === 'denied' && outcome.verdict.errno !== 'ENOSYS')
    .map(({ name }) => name);
  if (out.length === 0) return undefined;
  return {
    path,
    level: 'note',
    text: `the profile allows ${allowed.name} and denies ${listed(out)}: which of them ${effect} depends on a program’s C library and its release (${abi})`,
  };
}
