import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithOracle } from '../../oracle.js';
import type { Daemon } from '../dockerd.js';
import type { CallerResult } from '../watch/callers.js';
import { buildAgentImage, docker, page } from './image.js';

/** Containers with a watch profile. */
export interface WatchedContainers {
  /** Where their runtime looks for the agent. */
  readonly socketPath: string;
  /** Starts one that makes denied calls once `go` was said; gives what it found of the answers. */
  readonly start: (calls: number, annotations?: Readonly<Record<string, string>>) => Promise<CallerResult>;
  readonly go: () => void;
  readonly remove: () => void;
}

export interface AgentRoom {
  readonly daemon: Daemon;
  /** An image with Node.js. */
  readonly base: string;
  readonly watched: WatchedContainers;
}

/** Who the agent is: `nobody` has no capability at all, `root` has SYS_PTRACE and sees the host's processes. */
export type AgentUser = 'nobody' | 'root';

/** The image's own user. */
const NOBODY = 65_532;
const ALLOW = '{"defaultAction":"SCMP_ACT_ALLOW"}\n';
const DENY = '{"defaultAction":"SCMP_ACT_ERRNO"}\n';
const POD = {
  'io.kubernetes.cri.sandbox-namespace': 'shop',
  'io.kubernetes.cri.sandbox-name': 'web-0',
  'io.kubernetes.cri.container-name': 'app',
};
/** More than are answered between the first report and the agent's death. */
const MANY = 100_000;

/** Milliseconds from the container's go, and from a call by the agent's own clock. */
export interface Delays {
  readonly toMetric: number;
  readonly toLine: number;
}

/** The agent as it is deployed: in a container of a real Docker daemon, beside containers that it watches. */
export function judgeAgent(
  lacks: string | undefined,
  title: string,
  user: AgentUser,
  open: () => Promise<AgentRoom>,
  told: (after: Delays) => void = () => {},
): void {
  describeWithOracle(lacks, title, () => {
    let room: AgentRoom;
    let folder: string;
    let port: number;
    beforeAll(async () => {
      room = await open();
      folder = mkdtempSync(join(tmpdir(), 'callgate-node-'));
      port = await freePort();
      await buildAgentImage(room.daemon, room.base);
      const { daemon, watched } = room;
      const socketDirectory = dirname(watched.socketPath);
      for (const path of [join(folder, 'profiles'), join(folder, 'seccomp'), socketDirectory]) {
        mkdirSync(path, { recursive: true });
        chmodSync(path, 0o755);
        if (user === 'nobody') chownSync(path, NOBODY, NOBODY);
      }
      chmodSync(folder, 0o755);
      configMap(join(folder, 'profiles'), { 'profiles--web.json': ALLOW, 'db.json': DENY });
      const rights = user === 'root' ? ['--user', '0:0', '--pid', 'host', '--cap-add', 'SYS_PTRACE'] : [];
      await docker(
        daemon,
        ...['run', '--detach', '--name', 'agent', '--network', 'host', '--read-only'],
        ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', ...rights],
        ...['--volume', `${join(folder, 'profiles')}:/profiles:ro`],
        ...['--volume', `${join(folder, 'seccomp')}:/host/seccomp`],
        ...['--volume', `${socketDirectory}:/run/callgate`],
        'callgate-agent',
        ...['--profiles', '/profiles', '--seccomp-root', '/host/seccomp'],
        ...['--listener-path', `/run/callgate/${watched.socketPath.slice(socketDirectory.length + 1)}`],
        ...['--listen', `127.0.0.1:${port}`],
      );
      await ready();
    });
    afterAll(async () => {
      if (room === undefined) return;
      await docker(room.daemon, 'rm', '--force', 'agent').catch(() => undefined);
      await room.daemon.stop();
      room.watched.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    const ready = async (): Promise<void> => {
      for (;;) {
        if ((await page(port, '/readyz'))?.status === 200) return;
        const state = await docker(room.daemon, 'inspect', '--format', '{{.State.Running}}', 'agent');
        if (state === 'false') throw new Error(await docker(room.daemon, 'logs', 'agent'));
        await sleep(20);
      }
    };
    const metric = async (pattern: RegExp): Promise<number> => {
      const { body = '' } = (await page(port, '/metrics')) ?? {};
      const values = body.split('\n').filter((line) => pattern.test(line));
      return values.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    };
    const installed = (): Readonly<Record<string, string>> =>
      Object.fromEntries(
        ['db.json', 'profiles/web.json', 'new.json']
          .map((name) => [name, join(folder, 'seccomp', name)] as const)
          .filter(([, path]) => existsSync(path))
          .map(([name, path]) => [name, readFileSync(path, 'utf8')]),
      );

    it('installs the profiles, and shows a denied call as metric and JSON line at once', async () => {
      expect(installed()).toEqual({ 'db.json': DENY, 'profiles/web.json': ALLOW });
      const ended = room.watched.start(5, POD);
      const failed = ended.then(() => false);
      await Promise.race([failed, until(async () => (await metric(/^callgate_listeners /)) === 1)]);
      const begun = performance.now();
      room.watched.go();
      const own = /^callgate_denials_total\{namespace="shop",pod="web-0",container="app",/;
      await until(async () => (await metric(own)) === 5);
      const toMetric = performance.now() - begun;
      let log = '';
      await until(async () => {
        log = await docker(room.daemon, 'logs', 'agent');
        return (log.match(/"event":"denial"/g) ?? []).length === 5;
      });
      expect(await ended).toMatchObject({ wrong: 0 });
      const denials = log
        .split('\n')
        .filter((line) => line.includes('"event":"denial"'))
        .map((line) => JSON.parse(line) as Denial);
      const delays = denials.map(({ time, lastTime }) => Date.parse(time) - Date.parse(lastTime));
      told({ toMetric, toLine: Math.max(...delays) });
      // The first line does not wait for a batch.
      expect(Math.min(...delays)).toBeLessThan(1000);
      expect(denials.map(({ syscall }) => syscall).sort()).toEqual([
        'clone3',
        'keyctl',
        'mount',
        'personality',
        'unshare',
      ]);
      const mount = denials.find(({ syscall }) => syscall === 'mount');
      expect(mount?.container.kubernetes).toEqual({ namespace: 'shop', pod: 'web-0', container: 'app' });
      // Memory and program of another process are for root on the host alone.
      if (user === 'root') expect(mount).toMatchObject({ exe: '/caller' });
      expect(mount?.text).toMatch(
        user === 'root' ? /^mount\("source", "\/target"/ : /^mount\(0x[0-9a-f]+, 0x[0-9a-f]+/,
      );
      await until(async () => (await metric(/^callgate_listeners /)) === 0);
    });

    it('killed and started again, loses no profile and hangs no container', async () => {
      const before = await metric(/^callgate_answered_total /);
      const orphan = room.watched.start(MANY);
      await until(async () => (await metric(/^callgate_answered_total /)) > before);
      await room.daemon.call('POST', '/containers/agent/kill?signal=KILL');
      // It ends: the kernel answers ENOSYS to what is left.
      expect((await orphan).wrong).toBeGreaterThan(0);
      expect(installed()).toEqual({ 'db.json': DENY, 'profiles/web.json': ALLOW });
      configMap(join(folder, 'profiles'), { 'profiles--web.json': DENY, 'new.json': ALLOW });

      await docker(room.daemon, 'start', 'agent');
      await ready();
      expect(installed()).toEqual({ 'new.json': ALLOW, 'profiles/web.json': DENY });
      expect(readdirSync(join(folder, 'seccomp'), { recursive: true }).map(String).sort()).toEqual([
        '.callgate.list',
        'new.json',
        'profiles',
        'profiles/web.json',
      ]);
      expect(await room.watched.start(50)).toMatchObject({ wrong: 0 });
      await until(async () => (await metric(/^callgate_answered_total /)) === 50);
      // A change of the ConfigMap, without a restart.
      configMap(join(folder, 'profiles'), { 'new.json': DENY });
      await until(() => installed()['new.json'] === DENY && installed()['profiles/web.json'] === undefined);
      await docker(room.daemon, 'stop', 'agent');
      expect(await docker(room.daemon, 'inspect', '--format', '{{.State.ExitCode}}', 'agent')).toBe('0');
      expect(installed()).toEqual({ 'new.json': DENY });
    });
  });
}

interface Denial {
  readonly time: string;
  readonly lastTime: string;
  readonly syscall: string;
  readonly text: string;
  readonly container: { readonly kubernetes: object | null };
}

let version = 0;

/** A ConfigMap as the kubelet mounts it: files behind a link that is swapped. */
function configMap(mount: string, files: Readonly<Record<string, string>>): void {
  const fresh = `..version${++version}`;
  mkdirSync(join(mount, fresh));
  chmodSync(join(mount, fresh), 0o755);
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(mount, fresh, name), text, { mode: 0o644 });
  symlinkSync(fresh, join(mount, '..data_tmp'));
  renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
  for (const name of readdirSync(mount))
    if (name.startsWith('..version') ? name !== fresh : !name.startsWith('..') && !(name in files))
      rmSync(join(mount, name), { recursive: true });
  for (const name of Object.keys(files))
    if (!readdirSync(mount).includes(name)) symlinkSync(`..data/${name}`, join(mount, name));
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(10);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

/** What the daemon's containers need of the machine. */
export function lacksDocker(): string | undefined {
  return spawnSync('docker', ['--version']).status === 0 ? undefined : 'docker’s command';
}
