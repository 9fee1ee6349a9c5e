/**
 * How many times its promise something may take in a test, where the machine is shared and the code is instrumented for
 * coverage. These tests find what is unbounded; the promises themselves are measured in bench/, and by the scenarios
 * that start the built command.
 */
export const PATIENCE = 6;
