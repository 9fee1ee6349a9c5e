import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { inMountNamespace, inShell, strace, tmpfs } from '../injection.js';
import type { Place, WatchFault } from './fault.js';
import { stateOf } from './scene.js';

const place = (
  name: string,
  before: (place: Place) => void | Promise<void>,
  ends: WatchFault['ends'],
  says?: RegExp,
): WatchFault => ({
  name: `at its path: ${name}`,
  before,
  ends,
  ...(says === undefined ? {} : { says }),
});
const own = (socket: string): string => {
  mkdirSync(dirname(socket), { mode: 0o700 });
  return socket;
};
const server = (socket: string, end: boolean) =>
  new Promise<void>((resolve) => {
    const listening = spawn(
      process.execPath,
      ['-e', 'require("net").createServer().listen(process.argv[1], () => console.log())', socket],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    listening.on('exit', () => resolve());
    listening.stdout.once('data', () => {
      if (end) return listening.kill('SIGKILL');
      left.push(listening);
      return resolve();
    });
  });
const left: ChildProcess[] = [];
/** Ends the servers that stand in an agent's place. */
export function endServers(): void {
  for (const child of left.splice(0)) child.kill('SIGKILL');
}
/** Whatever is at its path, and around it. */
export const machines: readonly WatchFault[] = [
  place('a live socket', ({ socket }) => server(own(socket), false), ['refused'], /another agent listens/),
  {
    ...place(
      'a live socket, which cannot be asked',
      ({ socket }) => server(own(socket), false),
      ['refused'],
      /EMFILE/,
    ),
    around: strace({ call: 'socket', what: 'error=EMFILE' }),
    always: true,
  },
  place('a dead socket', ({ socket }) => server(own(socket), true), ['served']),
  place('a file', ({ socket }) => writeFileSync(own(socket), ''), ['refused'], /is no agent's socket/),
  place('a link', ({ socket }) => symlinkSync('/nowhere', own(socket)), ['refused'], /is no agent's socket/),
  place('a directory', ({ socket }) => mkdirSync(own(socket)), ['refused'], /is no agent's socket/),
  place(
    'others may write there',
    ({ socket }) => chmodSync(dirname(own(socket)), 0o777),
    ['refused'],
    /is not safe/,
  ),
  place(
    'a file in the directory’s place',
    ({ socket }) => writeFileSync(dirname(socket), ''),
    ['refused'],
    /callgate: ./,
  ),
  {
    ...place(
      'a directory without rights',
      ({ directory }) => chmodSync(directory, 0o500),
      ['refused'],
      /EACCES/,
    ),
    around: ['setpriv', '--bounding-set', '-all', '--inh-caps', '-all', '--reuid', '65534', '--clear-groups'],
  },
  { name: 'no /proc', around: inMountNamespace('umount -l /proc'), ends: ['refused'], says: /no \/proc/ },
  {
    name: 'no room in temporary directories',
    around: inMountNamespace(tmpfs('size=4k,nr_inodes=1')),
    ends: ['served'],
  },
  {
    name: 'temporary directories mounted noexec',
    around: inMountNamespace(tmpfs('noexec')),
    ends: ['served'],
  },
  { name: 'no /sys', around: inMountNamespace('umount -l /sys'), ends: ['served'] },
  { name: 'a umask that takes everything', around: inShell('umask 777'), ends: ['served'] },
  {
    name: 'standard output on a full disk',
    output: 'full',
    ends: ['served'],
    says: /no space left on device.*\n.*lines were not written/,
    always: true,
  },
  {
    name: 'standard output whose reader goes',
    output: 'closes',
    ends: ['served'],
    says: /nobody reads standard output any more/,
  },
  {
    name: 'standard output that nobody reads',
    output: 'stuck',
    act: async ({ runtime }) => [await runtime('l', stateOf({}, 'x'.repeat(20_000)))],
    ends: ['served'],
    says: /is not read/,
  },
];
