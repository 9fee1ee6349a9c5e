import json from '../../../data/symptoms.json' with { type: 'json' };
import { normalForm, wordsOf } from './normalForm.js';

/** One message of a public thread and what was behind it. */
export interface CataloguedSymptom {
  readonly message: string;
  readonly program: string;
  /** Calls that were denied, the likeliest first; empty when no call was. */
  readonly calls: readonly string[];
  /** Where the calls alone do not say it: `socket (family 40)`, `bdflush (profile rule)`, `any`. */
  readonly cause?: string;
  readonly errno: string;
  readonly conditions: string;
  readonly fix: string;
  /** `owner/repo#N`. */
  readonly source: string;
  /** A short description, not the program's own words. */
  readonly described?: boolean;
  /** The thread does not name the call; it follows from versions or a test. */
  readonly likely?: boolean;
}

export const cataloguedSymptoms: readonly CataloguedSymptom[] = json.symptoms;

export interface Similar {
  readonly symptom: CataloguedSymptom;
  /** 0 to 1. */
  readonly likeness: number;
}

/** Finds entries whose message is like a line. */
export type Catalogue = (normal: string) => readonly Similar[];

/** Entries that share less than this with a line are not told. */
const LEAST = 0.34;

/**
 * Makes a list of symptoms searchable. A word counts the more, the fewer messages it stands in, so that `mbind` decides
 * and `EPERM` hardly does.
 */
export function catalogueOf(symptoms: readonly CataloguedSymptom[]): Catalogue {
  const entries = symptoms.map((symptom) => ({ symptom, words: wordsOf(normalForm(symptom.message)) }));
  const holders = new Map<string, number[]>();
  for (const [index, { words }] of entries.entries()) {
    for (const word of words) holders.set(word, [...(holders.get(word) ?? []), index]);
  }
  // Identical messages are one when it comes to how rare a word is.
  const rarity = (word: string): number => {
    const kinds = new Set((holders.get(word) ?? []).map((index) => entries[index]?.words.join(' ')));
    return Math.log(1 + entries.length / Math.max(1, kinds.size));
  };
  const weights = new Map([...holders.keys()].map((word) => [word, rarity(word)] as const));
  const unknown = Math.log(1 + entries.length);
  const weightOf = (words: readonly string[]): number =>
    words.reduce((sum, word) => sum + (weights.get(word) ?? unknown), 0);
  const totals = entries.map(({ words }) => weightOf(words));
  return (normal) => {
    const words = wordsOf(normal);
    const shared = new Map<number, number>();
    for (const word of words) {
      for (const index of holders.get(word) ?? []) {
        shared.set(index, (shared.get(index) ?? 0) + (weights.get(word) ?? 0));
      }
    }
    const own = weightOf(words);
    const found: Similar[] = [];
    for (const [index, common] of shared) {
      const symptom = entries[index]?.symptom;
      const total = totals[index] ?? 0;
      if (symptom === undefined || total === 0 || own === 0) continue;
      // A log line holds more than the message, so what it covers of the message counts for more than the reverse.
      const likeness = 0.7 * (common / total) + 0.3 * (common / own);
      if (likeness >= LEAST) found.push({ symptom, likeness: Math.min(1, likeness) });
    }
    return found.sort((a, b) => b.likeness - a.likeness).slice(0, 12);
  };
}
