import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../src/bpf/compile.js';
import { encode } from '../src/bpf/encode.js';
import { standaloneLauncher } from '../src/linux/standalone/launcher.js';
import { defaultPolicy } from '../test/bpf/realPolicies.js';
import { CLI } from './denied.js';
import { cell, probe, type Row, scratch, type Table, type Timing } from './measure.js';
import { peerRows } from './peers.js';

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
  const [plain, launched, launchedThree] = [
    probe('start', '500', '/bin/true'),
    probe('start', '500', one, '/bin/true'),
    probe('start', '500', three, '/bin/true'),
  ];
  const starts: readonly Row[] = [
    ['/bin/true', cell(plain, 0)],
    ['launcher, x86_64', cell(launched, 0)],
    ['launcher, x86_64 x86 x32', cell(launchedThree, 0)],
    ...(await peerRows(filter)),
  ];
  const like = ['--like', 'docker@28.5.2', '--', 'true'];
  const commands = {
    node: ['node', '-e', '0'],
    version: ['node', CLI, '--version'],
    why: ['node', CLI, 'why', 'read'],
    show: ['node', CLI, 'show', 'docker@28.5.2'],
    compile: ['node', CLI, 'compile', 'docker@28.5.2', '-o', join(scratch, 'own.bpf')],
    plain: ['node', CLI, 'run', '--no-report', ...like],
    run: ['node', CLI, 'run', ...like],
  };
  const wall = (words: readonly string[]): Timing | undefined => probe('start', '15', ...words);
  const spent = (words: readonly string[]): Timing | undefined => probe('cost', '15', ...words);
  // Keeps the plans.
  for (const words of [commands.plain, commands.run]) probe('start', '1', ...words);
  const own = Object.entries(commands).map(([name, words]) => ({
    name,
    words,
    wall: wall(words),
    spent: spent(words),
  }));
  const least = (wanted: keyof typeof commands): number =>
    own.find(({ name }) => name === wanted)?.spent?.least ?? Number.NaN;
  const over = (name: keyof typeof commands): number => least(name) - least('node');
  const because =
    'Node itself loads the parts of its library that run needs (node:crypto, node:child_process, its loader of modules), which is about half of the difference; docs/run.md has the profile';
  return [
    {
      title: 'Starting a program under a filter',
      columns: ['', 'µs, median (least)'],
      rows: starts,
      remark:
        'The goal of the launcher is held against the least time behind it less the least one alone, of rounds that have both: what else the machine does comes on top.',
      goals: [
        {
          what: 'the launcher over plain execution, x86_64',
          measured: probe('beside', '1000', one, '/bin/true')?.least ?? Number.NaN,
          most: 100,
          unit: 'µs',
          because:
            'half of it is the execve of the launcher, a quarter loading any filter at all, and the rest what the kernel does with each of its instructions (machine code, and trying all numbers)',
        },
      ],
    },
    {
      title: 'The command’s own start',
      columns: ['', 'ms, median (least)', 'ms of processor time, median (least)', 'MiB'],
      rows: own.map(({ words, wall: time, spent: cost }) => [
        words
          .map((word) => (word === CLI ? 'callgate' : word))
          .join(' ')
          .replace('node callgate', 'callgate'),
        cell(time && { median: time.median / 1000, least: time.least / 1000 }, 1),
        cell(cost, 1),
        cost?.memory?.toFixed(0) ?? '–',
      ]),
      remark:
        'From the second run on: `run` keeps the compiled filter. Processor time is what other work on the machine disturbs least; goals are held against its least.',
      goals: [
        { what: '`callgate --version` over node', measured: over('version'), most: 15, unit: 'ms' },
        {
          what: '`callgate why` over node',
          measured: over('why'),
          most: 100,
          unit: 'ms',
          because:
            'a third is reading the program and its facts, a third the filters of some 190 releases for the history',
        },
        {
          what: '`callgate show` over node',
          measured: over('show'),
          most: 90,
          unit: 'ms',
          because: 'most of it is reading the program and its facts',
        },
        {
          what: '`callgate compile` over node',
          measured: over('compile'),
          most: 90,
          unit: 'ms',
          because:
            'the search for the best program and its proof run before V8 has made machine code of them',
        },
        {
          what: '`callgate run --no-report` over node',
          measured: over('plain'),
          most: 30,
          unit: 'ms',
          because,
        },
        { what: '`callgate run` over node', measured: over('run'), most: 30, unit: 'ms', because },
      ],
    },
  ];
}
