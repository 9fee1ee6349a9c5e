import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, expect, it, test } from 'vitest';
import { describeWithOracle } from '../oracle.js';
import { build, CALLGATE, callgate } from './callgate.js';

beforeAll(build);

test.each([
  [['--listen', 'localhost:1'], /is no address/],
  [['--listen', '9464'], /is no address/],
  [['--most-series', '0'], /--most-series 0/],
  [['--most-lines', 'many'], /--most-lines many/],
  [['--name', '../x'], /--name \.\.\/x/],
  [['--default-errno', 'EPREM'], /no such errno/],
  [['--listener-path', 'here.sock'], /must be absolute/],
])('agent %j is refused', (flags, message) => {
  const { status, stderr } = callgate('agent', ...flags);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});

interface Line {
  readonly schemaVersion: number;
  readonly event: string;
  readonly [key: string]: unknown;
}

const RECORD =
  'type=SECCOMP msg=audit(1600172800.123:7): auid=1000 uid=0 gid=0 ses=3 pid=4000000 comm="x" exe="/bin/x" sig=31 arch=c000003e syscall=272 compat=0 ip=0x7f code=0x80000000\n';

describeWithOracle(process.platform === 'linux' ? undefined : 'Linux', 'a running agent', () => {
  let directory: string;
  let agent: ChildProcess;
  let lines: Line[];
  let ended: Promise<number | null>;
  let http: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'callgate-agent-'));
    lines = [];
  });
  afterEach(async () => {
    agent.kill('SIGKILL');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  });

  const start = async (...flags: readonly string[]): Promise<void> => {
    const socket = join(directory, 'own', 'watch.sock');
    agent = spawn(
      process.execPath,
      [CALLGATE, 'agent', '--listener-path', socket, '--listen', '127.0.0.1:0', ...flags],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    ended = new Promise((resolve) => agent.on('close', resolve));
    let rest = '';
    agent.stdout?.setEncoding('utf8').on('data', (more: string) => {
      const parts = (rest + more).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts.map((part) => JSON.parse(part) as Line));
    });
    await until(() => lines.some(({ event }) => event === 'listening'));
    http = `http://${lines.find(({ event }) => event === 'listening')?.['http']}`;
  };
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await holds())) {
      if (agent.exitCode !== null) throw new Error(`the agent ended: ${JSON.stringify(lines)}`);
      await sleep(10);
    }
  };
  const metrics = async (): Promise<string> => (await fetch(`${http}/metrics`)).text();
  const events = (name: string): readonly Line[] => lines.filter(({ event }) => event === name);

  it('keeps profiles, decodes a log that is rotated, and ends at a signal', async () => {
    const log = join(directory, 'audit.log');
    writeFileSync(log, RECORD);
    const [profiles, root] = [join(directory, 'profiles'), join(directory, 'seccomp')];
    for (const path of [profiles, root]) mkdirSync(path);
    writeFileSync(join(profiles, 'a.json'), '{"defaultAction":"SCMP_ACT_ALLOW"}');
    await start('--audit', log, '--profiles', profiles, '--seccomp-root', root);
    expect(existsSync(join(root, 'a.json'))).toBe(true);
    expect(events('profile')).toMatchObject([{ change: 'installed', path: 'a.json' }]);
    expect((await fetch(`${http}/readyz`)).status).toBe(200);

    appendFileSync(log, RECORD);
    renameSync(log, `${log}.1`);
    writeFileSync(log, `type=SYSCALL msg=audit(1600172800.123:8): x\n${RECORD}`);
    await until(() => events('audit').length === 2);
    expect(events('audit')[0]).toMatchObject({
      schemaVersion: 1,
      container: null,
      podUid: null,
      record: { syscall: 'unshare', action: 'SCMP_ACT_KILL_PROCESS', comm: 'x', pid: 4_000_000 },
    });
    const text = await metrics();
    expect(text).toMatch(/^callgate_audit_lines_total 3$/m);
    expect(text).toMatch(
      /^callgate_audit_records_total\{container="",syscall="unshare",action="SCMP_ACT_KILL_PROCESS"\} 2$/m,
    );
    expect(text).toMatch(/^callgate_profiles_installed 1$/m);

    writeFileSync(join(profiles, 'a.json'), 'broken');
    await until(async () => (await fetch(`${http}/readyz`)).status === 503);
    expect(events('problem')).toMatchObject([{ text: expect.stringMatching(/^a\.json is not in place/) }]);
    expect(readFileSync(join(root, 'a.json'), 'utf8')).toContain('SCMP_ACT_ALLOW');
    expect((await fetch(`${http}/healthz`)).status).toBe(200);

    agent.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(lines.at(-1)).toMatchObject({ event: 'summary', answered: 0, listeners: 0 });
    expect(existsSync(join(root, 'a.json'))).toBe(true);
  });

  it('reads the journal on standard input, and writes no more lines than it may', async () => {
    await start('--audit', '-', '--most-lines', '5');
    const message = JSON.stringify({ MESSAGE: RECORD.trim().replace('type=SECCOMP msg=', '') });
    agent.stdin?.write(`${message}\n`.repeat(500));
    await until(async () => /^callgate_audit_records_total\{.*\} 500$/m.test(await metrics()));
    await until(() => events('suppressed').length > 0);
    const told = events('audit').length;
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThan(100);
    await until(
      () =>
        events('audit').length + events('suppressed').reduce((sum, { count }) => sum + Number(count), 0) ===
        500,
    );
    agent.stdin?.end();
    await until(() => events('problem').length > 0);
    expect((await fetch(`${http}/healthz`)).status).toBe(200);
  });
});
