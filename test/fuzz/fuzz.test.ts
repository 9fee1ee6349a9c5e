import { afterAll, describe, expect, test } from 'vitest';
import { PATIENCE } from '../patience.js';
import { random } from '../profile/random.js';
import { campaign, corpus, tryInput } from './campaign.js';
import { minimise, mutate } from './mutate.js';
import { textTarget } from './target.js';
import { targets } from './targets.js';

/** For each target; longer by hand: npm run fuzz. */
const MILLISECONDS = 400;
const SEED = 20_251_122;

let inputs = 0;
afterAll(() => console.info(`fuzzing: ${inputs} inputs of ${targets.length} readers, no defect`));

describe.each(targets.map((target) => [target.name, target] as const))('%s', (_, target) => {
  test('reads or refuses every input of the corpus', () => {
    const outcomes = corpus(target).map(([, input]) => tryInput(target, input));
    // Readers that refuse nothing (of logs) refuse nothing here either; no corpus is of refused inputs alone.
    expect(outcomes.some(({ refused }) => !refused)).toBe(true);
  });

  test('reads or refuses what is made of it', { timeout: 60_000 * PATIENCE }, () => {
    const done = campaign(target, SEED, MILLISECONDS);
    inputs += done.inputs;
    expect(done.outcomes).toBeGreaterThan(1);
  });
});

test('a defect is found, and made small', () => {
  const broken = textTarget('target', (text) => {
    if (text.includes('++')) throw new TypeError('two of them');
    return '';
  });
  expect(() => campaign(broken, 3, 20_000)).toThrow(/an input of 2 bytes is a defect/);
});

test('the same seed makes the same inputs', () => {
  const made = (seed: number) => {
    const source = random(seed);
    return Array.from({ length: 50 }, () =>
      Buffer.from(mutate(Buffer.from('docker@28.5.2'), source, () => Buffer.from('x'))).toString('hex'),
    );
  };
  expect(made(1)).toEqual(made(1));
  expect(made(1)).not.toEqual(made(2));
  expect([...minimise(Buffer.from('....ab...'), (input) => Buffer.from(input).includes('ab'))]).toEqual([
    97, 98,
  ]);
});
