import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cell, output, probe, probePath, type Row, type Table, type Timing } from './measure.js';

export const CLI = process.env['CALLGATE_CLI'] ?? join(process.cwd(), 'dist/callgate.js');
const GETPPID = ['each', '110', '0', '100000'] as const;
const REBOOT = ['each', '169', '0', '20000'] as const;
const LIKE = ['--like', 'docker@28.2.0'] as const;

/** What a call costs whose denial is reported, and one that is allowed beside it. */
export function deniedTable(): Table {
  const under = (flags: readonly string[], call: readonly string[]): Timing | undefined =>
    output('node', CLI, 'run', ...flags, ...LIKE, '--', probePath(), ...call);
  // What a denied call prints is a report, which is not measured.
  spawnSync('node', [CLI, 'run', ...LIKE, '--', 'true']);
  const plain = [under(['--no-report'], GETPPID), under(['--no-report'], REBOOT)];
  const reported = [under([], GETPPID), under([], REBOOT)];
  const row = (name: string, timings: readonly (Timing | undefined)[]): Row => [
    name,
    ...timings.map((timing) => cell(timing, 0)),
  ];
  const median = (timing: Timing | undefined): number => timing?.median ?? Number.NaN;
  return {
    title: 'A call under `callgate run`',
    columns: ['ns', 'getppid, allowed', 'reboot, denied'],
    rows: [
      row('no filter', [probe(...GETPPID), probe(...REBOOT)]),
      row('run --no-report: the kernel alone', plain),
      row('run: denied calls are answered and counted', reported),
    ],
    remark:
      'Nanoseconds, median (least), of calls that are measured one by one, with what looking at the clock takes. A denied call waits for callgate, which keeps who called what.',
    goals: [
      {
        what: 'an allowed call under `run`, against the plain filter',
        measured: median(reported[0]) / median(plain[0]),
        most: 1.1,
        unit: '×',
      },
      {
        what: 'a denied call under `run`',
        measured: median(reported[1]) / 1000,
        most: 15,
        unit: 'µs',
        because: 'two switches between processes and four system calls of the supervisor are in it',
      },
    ],
  };
}
