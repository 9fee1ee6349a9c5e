import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentLines } from '../../src/cli/verbs/agent/lines.js';
import { podOf } from '../../src/kubernetes/podOf.js';
import { agentMetrics } from '../../src/linux/agent/agentMetrics.js';
import { type AgentEvent, type NodeAgent, startNodeAgent } from '../../src/linux/agent/nodeAgent.js';
import type { WatchedContainer } from '../../src/linux/watch/processState.js';
import type { WatchedDenial } from '../../src/linux/watch/watch.js';
import { describeWithOracle } from '../oracle.js';

const container = (pod: string): WatchedContainer => ({
  id: 'ab'.repeat(32),
  pid: 7,
  bundle: '/b',
  annotations: {
    'io.kubernetes.pod.namespace': 'shop',
    'io.kubernetes.pod.name': pod,
    'io.kubernetes.container.name': 'app',
  },
});

const denial = (of: WatchedContainer, count: number, more: Partial<WatchedDenial> = {}): WatchedDenial => ({
  container: of,
  key: '1.0',
  time: 0,
  lastTime: 0,
  firstPlace: 0,
  lastPlace: 0,
  pid: 9,
  exe: '/bin/sh',
  auditArch: 0xc000003e,
  number: 272,
  args: [],
  strings: [],
  errno: 1,
  count,
  call: {
    abi: 'x86_64',
    name: 'unshare',
    args: [],
    text: 'unshare(CLONE_NEWUSER)',
    verdict: { action: 'SCMP_ACT_ERRNO', errno: 'EPERM' },
  },
  text: 'unshare(CLONE_NEWUSER) → EPERM',
  assumed: false,
  ...more,
});

const COUNTS = { answered: 12n, vanished: 1n, listeners: 3 };
const event = (kind: 'started' | 'ended', of: WatchedContainer, unlisted = 0) =>
  ({ kind, container: of, metadata: undefined, profile: 'docker@28.5.2', unlisted }) as const;

describe('metrics', () => {
  /** Those that say something. */
  const lines = async (metrics: ReturnType<typeof agentMetrics>): Promise<readonly string[]> =>
    (await metrics.text(COUNTS)).split('\n').filter((line) => /^callgate/.test(line) && !/ 0$/.test(line));

  it('count denials by pod, container, call and answer, each once', async () => {
    const metrics = agentMetrics(10);
    const web = container('web-0');
    metrics.container(event('started', web));
    metrics.denial(denial(web, 1));
    metrics.denial(denial(web, 5));
    metrics.denial(denial(web, 2, { key: '1.1' }));
    expect(await lines(metrics)).toEqual([
      'callgate_denials_total{namespace="shop",pod="web-0",container="app",syscall="unshare",verdict="EPERM"} 7',
      'callgate_answered_total 12',
      'callgate_vanished_total 1',
      'callgate_listeners 3',
      'callgate_containers 1',
    ]);
    metrics.container(event('ended', web, 4));
    // Asked twice, and what the threads counted is not counted twice.
    expect(await lines(metrics)).toEqual([
      'callgate_denials_total{namespace="shop",pod="web-0",container="app",syscall="unshare",verdict="EPERM"} 7',
      'callgate_answered_total 12',
      'callgate_vanished_total 1',
      'callgate_listeners 3',
      'callgate_unlisted_denials_total 4',
    ]);
  });

  it('have so many series and no more, and lose no denial', async () => {
    const metrics = agentMetrics(10);
    for (let pod = 0; pod < 100; pod++) metrics.denial(denial(container(`web-${pod}`), 1));
    const text = await lines(metrics);
    const series = text.filter((line) => line.startsWith('callgate_denials_total'));
    expect(series).toHaveLength(11);
    expect(series.at(-1)).toBe(
      'callgate_denials_total{namespace="other",pod="other",container="other",syscall="unshare",verdict="EPERM"} 90',
    );
  });

  it('of a container without a pod have its id, and names do not break the format', async () => {
    const metrics = agentMetrics(10);
    metrics.denial(denial({ ...container(''), annotations: {} }, 1));
    metrics.denial(denial(container('a"\n{} 1\\'), 1));
    const series = (await lines(metrics)).filter((line) => line.startsWith('callgate_denials_total'));
    expect(series).toEqual([
      expect.stringContaining('{namespace="",pod="",container="abababababab",'),
      expect.stringContaining('pod="a\\"\\n{} 1\\\\",container="app"'),
    ]);
  });
});

describe('names of pods', () => {
  it.each([
    [{}, undefined],
    [{ 'io.kubernetes.cri.sandbox-name': 'web-0' }, undefined],
    [
      { 'io.kubernetes.cri.sandbox-name': 'web-0', 'io.kubernetes.cri.sandbox-namespace': 'shop' },
      { namespace: 'shop', pod: 'web-0' },
    ],
    [
      { 'io.kubernetes.cri-o.KubeName': 'web-0', 'io.kubernetes.cri-o.Namespace': 'shop' },
      { namespace: 'shop', pod: 'web-0' },
    ],
    [container('web-0').annotations, { namespace: 'shop', pod: 'web-0', container: 'app' }],
  ])('%j: %j', (annotations, names) => expect(podOf(annotations as Record<string, string>)).toEqual(names));
});

describe('lines', () => {
  it('are objects with the pod', () => {
    const written: string[] = [];
    const { event: tell } = agentLines((line) => void written.push(line));
    tell({ kind: 'container', event: event('started', container('web-0')) });
    tell({ kind: 'denial', denial: denial(container('web-0'), 1) });
    tell({ kind: 'container', event: event('ended', container('web-0'), 2) });
    expect(written.map((line) => JSON.parse(line))).toMatchObject([
      { event: 'started', profile: 'docker@28.5.2' },
      {
        event: 'denial',
        container: { kubernetes: { namespace: 'shop', pod: 'web-0', container: 'app' } },
        verdict: { errno: 'EPERM' },
      },
      { event: 'ended', unlisted: 2 },
    ]);
  });
});

describeWithOracle(process.platform === 'linux' ? undefined : 'Linux', 'the agent of a node', () => {
  let directory: string;
  let agent: NodeAgent | undefined;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'callgate-agent-'));
    for (const name of ['profiles', 'seccomp']) mkdirSync(join(directory, name));
  });
  afterEach(async () => {
    await agent?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('does everything that it was asked for, and leaves the profiles', async () => {
    const events: AgentEvent[] = [];
    const log = join(directory, 'audit.log');
    writeFileSync(join(directory, 'profiles', 'a.json'), '{"defaultAction":"SCMP_ACT_ALLOW"}');
    writeFileSync(log, '');
    const options = {
      socketPath: join(directory, 'own', 'watch.sock'),
      profiles: {
        source: join(directory, 'profiles'),
        target: join(directory, 'seccomp'),
        name: 'test',
        overwrite: false,
      },
      audit: log,
      http: { host: '127.0.0.1', port: 0 },
      hostNames: [],
      mostSeries: 10,
      mostEvents: 10,
      tell: (told: AgentEvent) => void events.push(told),
    };
    agent = await startNodeAgent(options);
    const url = `http://127.0.0.1:${agent.http.port}`;
    const own = `pid=${process.pid} comm="x" exe="/bin/x" sig=0`;
    appendFileSync(
      log,
      `type=SECCOMP msg=audit(1.2:3): auid=1 uid=0 gid=0 ses=3 ${own} arch=c000003e syscall=272 compat=0 ip=0x7f code=0x7ffc0000\n`,
    );
    while (!events.some(({ kind }) => kind === 'record')) await sleep(10);
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/action="SCMP_ACT_LOG"\} 1$/m);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);

    // A second one is refused whole, and leaves nothing behind that listens.
    const other = join(directory, 'other', 'watch.sock');
    await expect(startNodeAgent({ ...options, socketPath: other, http: agent.http })).rejects.toThrow(
      /cannot listen on/,
    );
    expect(existsSync(other)).toBe(false);
    await expect(startNodeAgent(options)).rejects.toThrow(/another agent listens/);

    await agent.close();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect(existsSync(join(directory, 'seccomp', 'a.json'))).toBe(true);
    expect(events).toMatchObject([{ kind: 'installation' }, { kind: 'record' }]);
  });
});
