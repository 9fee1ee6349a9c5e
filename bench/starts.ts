import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../src/bpf/compile.js';
import { encode } from '../src/bpf/encode.js';
import { standaloneLauncher } from '../src/linux/standalone/launcher.js';
import { defaultPolicy } from '../test/bpf/realPolicies.js';
import { cell, probe, type Row, scratch, type Table } from './measure.js';

const CLI = process.env['CALLGATE_CLI'] ?? join(process.cwd(), 'dist/callgate.js');
const has = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

/** What it takes to start /bin/true, and callgate itself. */
export async function startTables(): Promise<readonly Table[]> {
  const sandbox = async (name: string, only?: string): Promise<string> => {
    const path = join(scratch, name);
    writeFileSync(path, standaloneLauncher(compile(await defaultPolicy('docker@28.2.0', only)), 0, 'x86_64'));
    chmodSync(path, 0o755);
    return path;
  };
  const filter = join(scratch, 'bwrap.bpf');
  writeFileSync(filter, encode(compile(await defaultPolicy('docker@28.2.0')), 'little'));
  const one = await sandbox('sandbox-1', 'SCMP_ARCH_X86_64');
  const three = await sandbox('sandbox-3');
  const row = (name: string, rounds: number, ...words: readonly string[]): Row => [
    name,
    cell(probe('start', String(rounds), ...words), 0),
  ];
  const starts: readonly Row[] = [
    row('/bin/true', 500, '/bin/true'),
    row('launcher, x86_64', 500, one, '/bin/true'),
    row('launcher, x86_64 x86 x32', 500, three, '/bin/true'),
    ...(has('bwrap')
      ? [row('bwrap --seccomp', 100, 'sh', '-c', `exec bwrap --bind / / --seccomp 9 /bin/true 9<${filter}`)]
      : []),
    row('sh -c (part of the line above)', 100, 'sh', '-c', 'exec /bin/true'),
    ...(has('firejail') ? [row('firejail', 20, 'firejail', '--quiet', '--noprofile', '/bin/true')] : []),
    ...(has('strace') ? [row('strace -f', 50, 'strace', '-f', '-o', '/dev/null', '/bin/true')] : []),
  ];
  const own: readonly Row[] = [
    row('node -e 0', 15, 'node', '-e', '0'),
    row('callgate --version', 15, 'node', CLI, '--version'),
    row('callgate why read', 7, 'node', CLI, 'why', 'read'),
    row(
      'callgate run --no-report -- true',
      15,
      'node',
      CLI,
      'run',
      '--no-report',
      '--like',
      'docker@28.5.2',
      '--',
      'true',
    ),
    row('callgate run -- true', 15, 'node', CLI, 'run', '--like', 'docker@28.5.2', '--', 'true'),
  ];
  return [
    { title: 'Starting a program under a filter', columns: ['', 'µs, median (least)'], rows: starts },
    {
      title: 'The command’s own start',
      columns: ['', 'µs, median (least)'],
      rows: own,
      remark: 'From the second run on: `run` keeps the compiled filter.',
    },
  ];
}
