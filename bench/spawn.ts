import { spawn as spawnPlain } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compile } from '../src/bpf/compile.js';
import { defaultPolicy } from '../test/bpf/realPolicies.js';
import { cell, type Table, type Timing } from './measure.js';

const ROUNDS = 60;

/** The library's spawn next to Node's own, in a process that has started others before. */
export async function spawnTable(): Promise<Table> {
  // The built package, whose threads lie beside it.
  const { spawnFiltered }: typeof import('../src/linux/index.js') = await import(
    pathToFileURL(resolve('dist/linux.js')).href
  );
  const filter = compile(await defaultPolicy('docker@28.2.0'));
  const ways = [
    () => spawnPlain('/bin/true', [], { stdio: 'ignore' }),
    () => spawnFiltered('/bin/true', [], { stdio: 'ignore', filter }),
    () => spawnFiltered('/bin/true', [], { stdio: 'ignore', filter, onDenial: () => {} }),
  ];
  const times = ways.map((): number[] => []);
  for (let round = -5; round < ROUNDS; round++) {
    for (const [index, way] of ways.entries()) {
      const started = performance.now();
      await once(way(), 'exit');
      if (round >= 0) times[index]?.push(performance.now() - started);
    }
  }
  const timings = times.map((some): Timing => {
    some.sort((a, b) => a - b);
    return { median: some[some.length >> 1] ?? Number.NaN, least: some[0] ?? Number.NaN };
  });
  const [plain, filtered, reported] = timings;
  return {
    title: 'Starting /bin/true from Node',
    columns: ['', 'ms, median (least)'],
    rows: [
      ['node:child_process', cell(plain, 2)],
      ['spawnFiltered', cell(filtered, 2)],
      ['spawnFiltered with onDenial', cell(reported, 2)],
    ],
    goals: [
      {
        what: 'library spawn over Node’s own',
        measured: (filtered?.least ?? Number.NaN) - (plain?.least ?? Number.NaN),
        most: 0.5,
        unit: 'ms',
        because: 'the launcher is written to a file and executed before the command, which is another execve',
      },
    ],
  };
}
