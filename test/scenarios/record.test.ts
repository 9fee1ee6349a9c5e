import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithOracle, hasCommand, isRoot } from '../oracle.js';
import { build, CALLGATE, callgate } from './callgate.js';
import { type RecordReport, recordAndReplay } from './recordAndReplay.js';
import { lacksFor, recordables, SMALL, scratch } from './recordable.js';

let directory: string;

beforeAll(async () => {
  await build();
  directory = scratch();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const linux = process.platform === 'linux' ? undefined : 'Linux';
/** As root by the recorder that callgate chooses itself, and as a user who has no privilege. */
const users = isRoot ? [undefined, 65534] : [undefined];

// Larger ones, more often: npm run lab:record.
for (const one of recordables(SMALL))
  describeWithOracle(linux ?? lacksFor(one), `record: ${one.name}`, () => {
    for (const uid of users)
      it(`runs under its own profile, ${uid === undefined ? 'as this user' : `as user ${uid}`}`, async () => {
        const { replays, comparison, coverage } = await recordAndReplay(one, directory, { uid, times: 1 });
        expect(replays).toEqual([{ denials: [], status: 0 }]);
        expect(coverage.lost).toBe(0);
        expect(comparison.percentFewer).toBeGreaterThanOrEqual(60);
        for (const { syscall } of comparison.beyond) expect(syscall).toBe('clone3');
      });
  });

describeWithOracle(linux ?? (hasCommand('strace') ? undefined : 'strace'), 'record --from strace', () => {
  it('sees what the recorder sees', () => {
    const [log, report] = [join(directory, 'trace'), join(directory, 'report.json')];
    const command = ['sh', '-c', 'ls /usr >/dev/null; (mkdir /proc/x; :) 2>/dev/null | cat; exit 3'];
    expect(spawnSync('strace', ['-f', '-o', log, ...command]).status).toBe(3);
    const recorded = (words: readonly string[]): RecordReport['profile']['recorded'] => {
      callgate('record', '--report', report, ...words);
      return (JSON.parse(readFileSync(report, 'utf8')) as RecordReport).profile.recorded;
    };
    const flags = ['--cap-add', 'ALL'];
    expect(recorded([...flags, '--', ...command])).toEqual(recorded([...flags, '--from', log]));
  });
});

describeWithOracle(linux, 'record', () => {
  const profile = (): string => join(directory, 'profile.json');

  it('ends with the command’s own code, and says why it did not start', () => {
    const status = (...words: readonly string[]) =>
      callgate('record', '-o', profile(), '--', ...words).status;
    expect(status('sh', '-c', 'exit 7')).toBe(7);
    expect(status('sh', '-c', 'kill -TERM $$')).toBe(128 + 15);
    expect(status('/nowhere/at/all')).toBe(127);
    expect(status('/etc/passwd')).toBe(126);
  });

  it('leaves the command its streams', () => {
    const outcome = callgate('record', '-o', profile(), '--', 'sh', '-c', 'echo out');
    expect(outcome.stdout).toBe('out\n');
  });

  it('--verify lists what is denied to another run, and ends with 1', () => {
    const [marker, made] = [join(directory, 'marker'), join(directory, 'made')];
    const script = `if [ -e ${marker} ]; then mkdir ${made} 2>/dev/null; else /bin/true; : >${marker}; fi; exit 0`;
    const outcome = callgate('record', '-o', profile(), '--verify', '2', '--', 'sh', '-c', script);
    expect(outcome.stderr).toMatch(/replay 1 of 2: \d calls? denied/);
    expect(outcome.stderr).toMatch(/ {2}mkdir → EPERM, once: mkdir\(".*made", 0777\)/);
    expect(outcome.status).toBe(1);
    expect(existsSync(made)).toBe(false);
  });

  it('--no-clone3 gives threads and children to a program whose C library takes clone', () => {
    const script = "require('child_process').spawnSync('true').status === 0 || process.exit(9)";
    const words = ['--no-clone3', '--verify', '--report', join(directory, 'r.json'), '-o', profile()];
    const outcome = callgate('record', ...words, '--', process.execPath, '-e', script);
    expect(outcome.stderr).toMatch(/nothing was denied/);
    expect(outcome).toMatchObject({ status: 0 });
    const { comparison } = JSON.parse(readFileSync(join(directory, 'r.json'), 'utf8')) as RecordReport;
    expect(comparison.beyond).toEqual([]);
  });

  it('writes what it has when it is stopped', async () => {
    const [started, stopped] = [join(directory, 'started'), join(directory, 'stopped.json')];
    const script = `echo >${started}; exec sleep 600`;
    const words = [CALLGATE, 'record', '-o', stopped, '--verify', '--', 'sh', '-c', script];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => {
      stderr += text;
    });
    const end = new Promise<number | null>((resolve) => child.on('close', resolve));
    while (!existsSync(started) && child.exitCode === null) await sleep(20);
    child.kill('SIGTERM');
    expect(await end).toBe(128 + 15);
    expect(stderr).toMatch(/was stopped, so it is not run again/);
    expect(readFileSync(stopped, 'utf8')).toContain('"openat"');
  });
});
