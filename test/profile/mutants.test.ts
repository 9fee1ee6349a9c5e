import { expect, it } from 'vitest';
import { CallgateError } from '../../src/error.js';
import { readProfile } from '../../src/profile/read.js';
import { validateProfile } from '../../src/profile/validate.js';
import { PATIENCE } from '../patience.js';
import { cpuTime } from './cpuTime.js';
import { mutants } from './mutate.js';

function thrownBy(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}

it('reads or refuses each of 1,000 mutated profiles, with a place and within 2 s', () => {
  let refused = 0;
  for (const { name, file, text } of mutants(1, 1000)) {
    const { value: error, milliseconds } = cpuTime(() =>
      thrownBy(() => validateProfile(readProfile(text, file))),
    );
    if (error !== undefined) {
      if (!(error instanceof CallgateError)) throw new Error(`mutant ${name}`, { cause: error });
      expect(error.code, name).toBe('INPUT');
      expect(error.at?.file, name).toBe(file);
      const lines = new TextDecoder('utf-8', { ignoreBOM: true }).decode(text).split(/\r\n|[\r\n]/);
      const line = lines[(error.at?.line ?? 0) - 1];
      expect(line, name).toBeDefined();
      expect(error.at?.column, name).toBeGreaterThan(0);
      expect(error.at?.column, name).toBeLessThanOrEqual((line?.length ?? 0) + 1);
      refused++;
    }
    expect(milliseconds, name).toBeLessThan(2000 * PATIENCE);
  }
  // Neither all nor none: the generator would have gone astray.
  expect(refused).toBeGreaterThan(500);
  expect(refused).toBeLessThan(950);
});

it('makes the same mutants for the same seed', () => {
  const list = (seed: number) => [...mutants(seed, 60)].map(({ name, text }) => [name, text.length]);
  expect(list(7)).toEqual(list(7));
  expect(list(7)).not.toEqual(list(8));
});
