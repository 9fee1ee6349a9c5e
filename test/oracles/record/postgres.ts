import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Recordable } from '../../scenarios/recordable.js';

const BELOW = '/usr/lib/postgresql';

/** Debian keeps each major version's programs apart. */
function binaries(): string {
  const [newest = '15'] = existsSync(BELOW) ? readdirSync(BELOW).sort((a, b) => Number(b) - Number(a)) : [];
  return join(BELOW, newest, 'bin');
}

/** initdb, the server, pgbench for some seconds, VACUUM, and the end (Debian package postgresql). */
export function postgres(seconds: number): Recordable {
  const script = fileURLToPath(new URL('postgres.sh', import.meta.url));
  return {
    name: `PostgreSQL: initdb and ${seconds} s of pgbench`,
    needs: [join(binaries(), 'initdb'), join(binaries(), 'pgbench')],
    asUser: true,
    prepare: async (directory) => ({
      command: ['sh', script, binaries(), directory, String(seconds)],
      reset: () => {
        rmSync(join(directory, 'data'), { recursive: true, force: true });
        rmSync(join(directory, 'log'), { force: true });
      },
      check: () => {
        if (!existsSync(join(directory, 'data', 'PG_VERSION'))) throw new Error('there is no cluster');
      },
    }),
  };
}
