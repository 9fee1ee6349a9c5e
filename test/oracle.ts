import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';

/** True when `command` is on PATH and can be started. */
export function hasCommand(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

export const isRoot = process.getuid?.() === 0;

/**
 * A suite that needs something of the machine. Without it the suite is skipped and says what it lacks;
 * with CALLGATE_REQUIRE_ORACLES=1 (as in CI) that is a failure.
 */
export function describeWithOracle(lacks: string | undefined, name: string, body: () => void): void {
  if (lacks === undefined) {
    describe(name, body);
    return;
  }
  if (process.env['CALLGATE_REQUIRE_ORACLES'] === '1') {
    describe(name, () => {
      throw new Error(`CALLGATE_REQUIRE_ORACLES is set, but this machine lacks: ${lacks}`);
    });
    return;
  }
  describe.skip(`${name} (skipped, this machine lacks: ${lacks})`, body);
}
