import { execFileSync } from 'node:child_process';
import type { Goal, Row, Table } from './measure.js';

/** The column of recording by user notification; the one after it is the least that this can cost. */
const NOTIFIED = 3;

/** bench/record.ts, beside strace and perf where they are installed. */
export function recordingTable(): Table {
  const out = script('bench/record.ts', '3', '/bin/true', 'find', 'tar');
  const [head = '', , ...lines] = out.trim().split('\n');
  const cells = (line: string): string[] =>
    line
      .split('|')
      .slice(1, -1)
      .map((text) => text.trim());
  const rows = lines.map((line) => {
    const [name = '', ...values] = cells(line);
    return [name, ...values] as const satisfies Row;
  });
  const figure = (line: string, column: number): number =>
    Number.parseFloat(rows.find(([name]) => name.startsWith(line))?.[column] ?? '');
  const goal = (what: string, line: string, column: number, most: number): Goal => ({
    what,
    measured: figure(line, column),
    most,
    unit: '×',
    because:
      column === NOTIFIED
        ? `a supervisor in C that lets every call go on and looks at none takes ${figure(line, NOTIFIED + 1)} × in this run: the kernel’s two switches of tasks for each call`
        : 'the recorder’s own start is in it, as the line of /bin/true has it',
  });
  const start = (what: string, column: number): Goal => {
    const plain = figure('/bin/true, wall', 1);
    return {
      what,
      measured: plain * (figure('/bin/true, wall', column) - 1),
      most: 10,
      unit: 'ms',
      because:
        'the kernel checks and attaches programs, or another process is started, and the command by a launcher',
    };
  };
  return {
    title: 'Recording',
    columns: cells(head),
    rows,
    remark:
      'How many times longer than plain: wall time, and processor time of all processes together. Medians of three rounds after one that fills caches, of strace and perf one round. What recording takes before and after a command shows at /bin/true, which does nothing.',
    goals: [
      start('what recording with eBPF adds to any command', 2),
      start('what recording with user notification adds to any command', NOTIFIED),
      goal('recording with eBPF, find', 'find /usr, wall', 2, 1.1),
      goal('recording with eBPF, tar', 'tar of 30,000 files, wall', 2, 1.1),
      goal('recording with user notification, find', 'find /usr, wall', NOTIFIED, 6),
      goal('recording with user notification, tar', 'tar of 30,000 files, wall', NOTIFIED, 4),
    ],
  };
}

/** bench/watch.ts with a few containers; undefined where none can be started. */
export function watchTable(): Table | undefined {
  try {
    const figures = JSON.parse(script('bench/watch.ts', '20', '4000')) as Readonly<Record<string, number>>;
    const word = (name: string): string => String(Math.round((figures[name] ?? Number.NaN) * 10) / 10);
    return {
      title: 'Watching containers',
      columns: ['containers', 'calls', 'wrong', 'calls a second', 'µs for the caller, median', 'ms, longest'],
      rows: [
        [
          word('containers'),
          word('calls'),
          word('wrong'),
          word('callsASecond'),
          word('medianMicroseconds'),
          word('longestMilliseconds'),
        ],
      ],
      remark: 'Denied calls of real containers of runc and crun at once, answered by one agent.',
    };
  } catch {
    return undefined;
  }
}

function script(...words: readonly string[]): string {
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  return execFileSync('node', ['scripts/run.mjs', ...words], { stdio: [...stdio] }).toString();
}
