import { expect, it } from 'vitest';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { CallgateError } from '../../src/error.js';
import { lint } from '../../src/lint/lint.js';
import { mend } from '../../src/lint/mend.js';
import type { Profile } from '../../src/profile/profile.js';
import { readProfile } from '../../src/profile/read.js';
import { mutants } from '../profile/mutate.js';

function readable(bytes: Uint8Array, file: string): Profile | undefined {
  try {
    return readProfile(bytes, file);
  } catch (error) {
    if (error instanceof CallgateError) return undefined;
    throw error;
  }
}

it('lints whatever of 250 mutated profiles can be read, and mends it to what can be read, with nothing left to mend', async () => {
  let linted = 0;
  for (const { name, file, text: bytes } of mutants(11, 250)) {
    const profile = readable(bytes, file);
    if (profile === undefined) continue;
    try {
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
      const { context } = await resolveContext({ arch: 'amd64', profile });
      const input = { profile, text, context };
      const { text: mended, findings } = await mend(input, await lint(input));
      readProfile(mended, file);
      expect(findings.filter(({ fix }) => fix !== undefined)).toEqual([]);
      linted++;
    } catch (error) {
      throw new Error(`mutant ${name}`, { cause: error });
    }
  }
  expect(linted).toBeGreaterThan(20);
});
