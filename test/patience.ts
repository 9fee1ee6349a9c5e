/**
 * How many times its promise something may take in a test: once as the code is, six times where it is instrumented for
 * coverage (vitest.config.ts tells). These tests find what is unbounded; speed is measured in bench/.
 */
export const PATIENCE = process.env['CALLGATE_INSTRUMENTED'] === '1' ? 6 : 1;
