import { editDistance } from '../syscalls/nearest.js';

/** Longer words are nobody's typing error, and the distance takes time in proportion to both lengths. */
const MAX_LENGTH = 64;

/**
 * The candidate that was most probably meant: the same word in other letters' case or without its prefix
 * (`x86_64` for `SCMP_ARCH_X86_64`), else the one with the fewest edits, if these are at most a third of the word.
 * @example nearest('SCMP_ACT_ALOW', ACTIONS) // 'SCMP_ACT_ALLOW'
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word === '' || word.length > MAX_LENGTH) return undefined;
  const folded = word.toLowerCase();
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    if (other === folded || (other.endsWith(`_${folded}`) && isPrefix(other, folded))) return candidate;
  }
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const edits = editDistance(folded, candidate.toLowerCase(), fewest - 1);
    if (edits < fewest) {
      fewest = edits;
      best = candidate;
    }
  }
  return best;
}

function isPrefix(word: string, end: string): boolean {
  return /^(scmp_(act|arch|cmp)|cap|seccomp_filter_flag)_$/.test(word.slice(0, word.length - end.length));
}
