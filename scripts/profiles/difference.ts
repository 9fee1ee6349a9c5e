import type { FullProfile } from '../../src/engine/expandProfile.js';
import type {
  StoredEntry,
  StoredNameEdit,
  StoredProfile,
  StoredRule,
} from '../../src/engine/storedProfile.js';
import { shapeOf } from './store.js';

/** Tells every profile by the earlier one that makes it shortest. */
export function storeAll(profiles: ReadonlyMap<string, FullProfile>): Record<string, StoredProfile> {
  const result: Record<string, StoredProfile> = {};
  const earlier: (readonly [string, FullProfile])[] = [];
  for (const [id, profile] of profiles) {
    let best: StoredProfile = { head: profile.head, rules: profile.rules };
    for (const [base, full] of earlier) {
      const candidate = difference(base, full, profile);
      if (JSON.stringify(candidate).length < JSON.stringify(best).length) best = candidate;
    }
    result[id] = best;
    earlier.push([id, profile]);
  }
  return result;
}

/** What has to be said of `profile` when `base` is known. */
export function difference(baseId: string, base: FullProfile, profile: FullProfile): StoredProfile {
  const sameHead = JSON.stringify(base.head) === JSON.stringify(profile.head);
  const texts = base.rules.map((rule) => JSON.stringify(rule));
  const kept = new Set<number>();
  const exact = profile.rules.map((rule) => {
    const text = JSON.stringify(rule);
    const index = texts.findIndex((candidate, at) => candidate === text && !kept.has(at));
    if (index >= 0) kept.add(index);
    return index;
  });
  const entries: StoredEntry[] = [];
  profile.rules.forEach((rule, position) => {
    const index = exact[position] ?? -1;
    const last = entries.at(-1);
    if (index < 0) entries.push(edited(base.rules, kept, rule) ?? rule);
    else if (last !== undefined && 'keep' in last && last.keep[1] === index - 1) {
      entries[entries.length - 1] = { keep: [last.keep[0], index] };
    } else entries.push({ keep: [index, index] });
  });
  return { base: baseId, ...(sameHead ? {} : { head: profile.head }), rules: entries };
}

/** The rule as an edit of a rule of the base that differs in its names only, when that is shorter. */
function edited(rules: readonly StoredRule[], kept: Set<number>, rule: StoredRule): StoredEntry | undefined {
  const shape = shapeOf(rule);
  let best: StoredEntry | undefined;
  rules.forEach((candidate, index) => {
    if (kept.has(index) || shapeOf(candidate) !== shape) return;
    const entry = { edit: index, names: editScript(candidate.names, rule.names) };
    if (JSON.stringify(entry).length < JSON.stringify(best ?? rule).length) best = entry;
  });
  return best;
}

/** Shortest list of replacements that turns one list of names into another (longest common subsequence). */
export function editScript(from: readonly string[], to: readonly string[]): readonly StoredNameEdit[] {
  const length = Array.from({ length: from.length + 1 }, () => new Array<number>(to.length + 1).fill(0));
  const at = (row: number, column: number): number => length[row]?.[column] ?? 0;
  for (let row = from.length - 1; row >= 0; row--) {
    for (let column = to.length - 1; column >= 0; column--) {
      const cells = length[row];
      if (cells === undefined) continue;
      cells[column] =
        from[row] === to[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const edits: [number, string[], string[]][] = [];
  let [row, column] = [0, 0];
  let open: [number, string[], string[]] | undefined;
  while (row < from.length || column < to.length) {
    const [left, right] = [from[row], to[column]];
    if (left !== undefined && left === right) {
      open = undefined;
      row++;
      column++;
      continue;
    }
    if (open === undefined) {
      open = [row, [], []];
      edits.push(open);
    }
    if (right !== undefined && (left === undefined || at(row, column + 1) > at(row + 1, column))) {
      open[2].push(right);
      column++;
    } else if (left !== undefined) {
      open[1].push(left);
      row++;
    }
  }
  return edits;
}
