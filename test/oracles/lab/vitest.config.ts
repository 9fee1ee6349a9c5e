import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** `npm run lab`: what other releases of the software really do; it fetches packages, so `npm test` leaves it out. */
export default defineConfig({
  root: fileURLToPath(new URL('../../..', import.meta.url)),
  test: {
    include: ['test/oracles/lab/*.lab.ts'],
    globalSetup: ['test/oracles/lab/setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Most of the time goes into processes beside these.
    maxWorkers: 2,
  },
});
