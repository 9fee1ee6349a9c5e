import { afterAll } from 'vitest';

/** Counts what an oracle is asked; the file's counts are printed when its tests have ended (docs/soundness.md adds them up). */
export function tally(oracle: string): (what: string, by?: number) => void {
  const counts = new Map<string, number>();
  afterAll(() =>
    console.info(`${oracle}: ${[...counts].map(([what, count]) => `${count} ${what}`).join(', ')}`),
  );
  return (what, by = 1) => void counts.set(what, (counts.get(what) ?? 0) + by);
}
