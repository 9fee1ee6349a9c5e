import { type Candidate, candidatesIn } from '../../../src/explain/symptoms/candidates.js';
import type { Catalogue, CataloguedSymptom } from '../../../src/explain/symptoms/catalogue.js';

/** Whether a candidate is what an entry says; an entry without calls is right when no call is blamed. */
export function isRight({ call }: Candidate, symptom: Pick<CataloguedSymptom, 'calls'>): boolean {
  return symptom.calls.length === 0 ? call === undefined : call !== undefined && symptom.calls.includes(call);
}

export interface Measured {
  readonly first: number;
  readonly firstThree: number;
  /** Messages whose cause is not among the first three. */
  readonly missed: readonly string[];
}

/** How many messages lead to their cause, each looked up in a catalogue of its own. */
export function measure<Entry extends Pick<CataloguedSymptom, 'message' | 'calls'>>(
  entries: readonly Entry[],
  catalogue: (entry: Entry) => Catalogue,
): Measured {
  let [first, firstThree] = [0, 0];
  const missed: string[] = [];
  for (const entry of entries) {
    const found = candidatesIn(entry.message, catalogue(entry), 'x86_64').slice(0, 3);
    if (found[0] !== undefined && isRight(found[0], entry)) first++;
    if (found.some((candidate) => isRight(candidate, entry))) firstThree++;
    else missed.push(entry.message);
  }
  return { first, firstThree, missed };
}
