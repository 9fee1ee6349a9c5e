import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ContainerEvent, type WatchedDenial, watch } from '../../../src/linux/watch/watch.js';
import { describeWithOracle } from '../../oracle.js';
import { CONTAINER_RUNTIMES, lacksForContainers } from '../containers.js';
import { type Callers, makeCallers } from './callers.js';

const CONTAINERS = 24;
const CALLS = 10_000;
/** More than are answered between the first report and the agent's end. */
const MANY = 20_000;
/** Milliseconds; containers start slowly on a machine with other work. */
const PATIENT = 240_000;

/** Listeners that this process holds. */
function openListeners(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:seccomp notify';
    } catch {
      return false;
    }
  }).length;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}

vi.setConfig({ testTimeout: PATIENT });

describeWithOracle(lacksForContainers(), 'watch and containers of the real runtimes', () => {
  let callers: Callers;
  beforeEach(async () => {
    callers = await makeCallers();
  });
  afterEach(() => callers.remove());

  it(`answers ${CALLS} calls of ${CONTAINERS} containers at once, each as the original profile, and loses none`, async () => {
    const counts = new Map<string, WatchedDenial>();
    const events: ContainerEvent[] = [];
    const problems: string[] = [];
    const agent = await watch({
      socketPath: callers.socketPath,
      onDenial: (denial) => void counts.set(denial.key, denial),
      onContainer: (event) => void events.push(event),
      onProblem: (text) => void problems.push(text),
    });
    const each = Math.ceil(CALLS / CONTAINERS / 5) * 5;
    const ended = Array.from({ length: CONTAINERS }, (_, index) =>
      callers.start(CONTAINER_RUNTIMES[index % 2] ?? 'runc', each, { noNewPrivileges: index % 4 > 1 }),
    );
    // A container that does not start must not let the others wait.
    const failed = Promise.all(ended);
    await Promise.race([failed, until(() => agent.counts().listeners === CONTAINERS)]);
    expect(agent.counts().listeners).toBe(CONTAINERS);
    callers.go();
    const results = await failed;
    expect(results.map(({ wrong }) => wrong)).toEqual(results.map(() => 0));
    await until(() => agent.counts().listeners === 0);
    expect(openListeners()).toBe(0);
    const { answered } = agent.counts();
    await agent.close();

    const total = each * CONTAINERS;
    expect(Number(answered)).toBe(total);
    expect([...counts.values()].reduce((sum, { count }) => sum + count, 0)).toBe(total);
    expect(events.filter(({ kind }) => kind === 'started')).toHaveLength(CONTAINERS);
    expect(events.filter(({ kind }) => kind === 'ended')).toHaveLength(CONTAINERS);
    expect(events.every(({ profile }) => profile === 'docker@28.5.2')).toBe(true);
    expect(problems).toEqual([]);
    expect([...new Set([...counts.values()].map(({ text }) => text))].sort()).toEqual([
      'clone3(NULL, 0) → ENOSYS',
      'keyctl(KEYCTL_GET_KEYRING_ID, 0, 0, 0, 0) → EPERM',
      'mount("source", "/target", NULL, 0, NULL) → EPERM',
      'personality(PER_LINUX|ADDR_NO_RANDOMIZE) → EPERM',
      'unshare(CLONE_NEWUSER) → EPERM',
    ]);
    const mount = [...counts.values()].find(({ call }) => call.name === 'mount');
    expect(mount?.call.rule?.text).toMatch(/needs CAP_SYS_ADMIN, which the container does not have/);
    expect(mount?.assumed).toBe(false);
    expect(existsSync(callers.socketPath)).toBe(false);
  });

  it('killed, it leaves nobody waiting; started again, it serves new containers at the same path', async () => {
    const first = await agentProcess(callers.socketPath);
    const orphan = callers.start('runc', MANY);
    const other = callers.start('crun', MANY);
    await first.until(/(?:.*"event":"started".*\n){2}/);
    callers.go();
    await first.until(/"event":"denial"/);
    first.child.kill('SIGKILL');
    await first.ended;
    // Both end: the kernel gives ENOSYS to what is left, some of which should have been EPERM.
    for (const { wrong } of await Promise.all([orphan, other])) expect(wrong).toBeGreaterThan(0);

    await expect(callers.start('runc', 5)).rejects.toThrow(/connect|seccomp/i);

    const second = await agentProcess(callers.socketPath);
    const results = await Promise.all(CONTAINER_RUNTIMES.map((runtime) => callers.start(runtime, 50)));
    expect(results.map(({ wrong }) => wrong)).toEqual([0, 0]);
    second.child.kill('SIGINT');
    expect(await second.ended).toBe(0);
    expect(second.output()).toMatch(/"event":"summary".*"answered":100,/);
  });
});

interface AgentProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Waits for something in the output. */
  readonly until: (pattern: RegExp) => Promise<void>;
  readonly ended: Promise<number | null>;
}

/** The command itself, listening. */
async function agentProcess(socketPath: string): Promise<AgentProcess> {
  const command = fileURLToPath(new URL('../../../dist/callgate.js', import.meta.url));
  const child = spawn(
    process.execPath,
    [command, 'watch', '--format', 'json', '--listener-path', socketPath],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const wait = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(text)) {
      if (child.exitCode !== null) throw new Error(`the agent has ended: ${text}`);
      await sleep(5);
    }
  };
  await wait(/"event":"listening"/);
  return { child, output: () => text, until: wait, ended };
}
