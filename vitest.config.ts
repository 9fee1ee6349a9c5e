import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    env: { CALLGATE_INSTRUMENTED: process.argv.includes('--coverage') ? '1' : '0' },
    // Two cores, and much of the time a test waits for another process.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    coverage: {
      provider: 'v8',
      include: ['src/**'],
      // What runs in the browser is tested there.
      exclude: ['src/web/**'],
      reporter: ['text-summary', 'json-summary'],
      // The floor: raise it when coverage has grown, never lower it.
      thresholds: {
        statements: 88,
        branches: 80,
        functions: 89,
        lines: 89,
        'src/bpf/**': { statements: 95, branches: 90, functions: 96, lines: 96 },
        'src/policy/**': { statements: 95, branches: 90, functions: 92, lines: 97 },
      },
    },
  },
});
