import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CALLGATE } from '../scenarios/callgate.js';

/** A directory to begin PATH with, where `callgate` is the built command; empty otherwise. */
export function callgateOnPath(): {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly remove: () => void;
} {
  const directory = mkdtempSync(join(tmpdir(), 'callgate-path-'));
  const command = join(directory, 'callgate');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${CALLGATE}' "$@"\n`);
  chmodSync(command, 0o755);
  return {
    directory,
    env: {
      ...process.env,
      HOME: directory,
      PATH: `${directory}:${process.env['PATH']}`,
      NO_COLOR: '1',
      LC_ALL: 'C.UTF-8',
      TERM: 'xterm',
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}
