import { readdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Suite } from './debian.js';

const LIBRARIES = 'usr/lib/x86_64-linux-gnu';

/**
 * Shell text, for a mount namespace of its own, that makes a suite's tree the root: programs run with their own loader
 * and libraries, while pids and the temporary directory stay the machine's.
 *
 * @param libseccomp the suite whose libseccomp takes the place of the tree's own
 */
export function enterSuite(suite: Suite, libseccomp: Suite = suite): string {
  const temporary = realpathSync(tmpdir());
  const lines = [
    'set -e',
    `mount --bind '${suite.root}' '${suite.root}'`,
    `cd '${suite.root}'`,
    ...['proc', 'sys', 'dev'].map((name) => `mount --rbind /${name} ${name}`),
    'mount -t tmpfs tmpfs run',
    `mkdir -p '.${temporary}'`,
    `mount --rbind '${temporary}' '.${temporary}'`,
    '{ mount -t cgroup2 none sys/fs/cgroup || true; } 2>/dev/null',
    ...(suite === libseccomp
      ? []
      : [`mount --bind '${libseccompFile(libseccomp)}' '${libseccompFile(suite)}'`]),
    'pivot_root . mnt',
    'umount -l /mnt',
  ];
  return lines.join('\n');
}

/** The library itself, behind its symbolic links. */
function libseccompFile({ root }: Suite): string {
  for (const folder of [LIBRARIES, 'lib/x86_64-linux-gnu']) {
    const directory = join(root, folder);
    const file = readdirSync(directory).find((name) => /^libseccomp\.so\.2\.\d/.test(name));
    if (file !== undefined) return join(directory, file);
  }
  throw new Error(`no libseccomp in ${root}`);
}
