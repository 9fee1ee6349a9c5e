import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** `npm run fuzz`: every reader, for as long as CALLGATE_FUZZ_SECONDS says; `npm test` does so for a second each. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/fuzz/*.fuzz.ts'],
    testTimeout: 86_400_000,
    maxWorkers: 2,
    // Whoever needs more memory than this for an input of 64 kB ends the run.
    execArgv: ['--max-old-space-size=512'],
  },
});
