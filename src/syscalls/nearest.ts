import { syscallNames } from './libseccomp.js';

const LONGEST = 40;

/** Edit distance with swaps of neighbours, or more than `limit`. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, at(before, column - 2) + 1);
      current.push(cost);
    }
    if (Math.min(...current) > limit) return limit + 1;
    before = last;
    last = current;
  }
  return at(last, b.length);
}

function at(list: readonly number[], index: number): number {
  return list[index] ?? Number.POSITIVE_INFINITY;
}

interface Candidate {
  readonly name: string;
  readonly distance: number;
}

/** Those of `words` that are near enough, nearest first. */
function candidates(word: string, words: readonly string[]): readonly Candidate[] {
  const typed = word.trim().toLowerCase();
  if (typed.length === 0 || typed.length > LONGEST) return [];
  const limit = typed.length <= 4 ? 1 : 2;
  return words
    .map((name) => ({ name, distance: editDistance(typed, name.toLowerCase(), limit) }))
    .filter((candidate) => candidate.distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
}

/** Up to five of `words` that a mistyped word may mean, nearest first. Case does not count. */
export function nearestWords(word: string, words: readonly string[]): readonly string[] {
  return candidates(word, words)
    .slice(0, 5)
    .map(({ name }) => name);
}

/** Up to five names of calls that a mistyped word may mean, nearest first. */
export function nearestNames(word: string): readonly string[] {
  return nearestWords(word, syscallNames);
}

/** The nearest name of a call, and whether no other is as near. */
export function nearestName(word: string): { readonly name: string; readonly sure: boolean } | undefined {
  const [first, second] = candidates(word, syscallNames);
  if (first === undefined) return undefined;
  return { name: first.name, sure: second === undefined || second.distance > first.distance };
}
