import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** `npm run lab:record`: whole programs recorded and replayed, for minutes; `npm test` does so with small ones. */
export default defineConfig({
  root: fileURLToPath(new URL('../../..', import.meta.url)),
  test: {
    include: ['test/oracles/record/*.lab.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
