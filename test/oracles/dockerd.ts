import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCommand, isRoot } from '../oracle.js';

/** A Docker daemon of our own, whose runtime keeps the bundle's config.json and starts nothing. */
export interface Dockerd {
  /** Upstream release. */
  readonly version: string;
  readonly ask: (hostConfig: object) => Promise<DockerdAnswer>;
  readonly stop: () => Promise<void>;
}

/** The config.json for the runtime, or what the daemon says instead. */
export type DockerdAnswer =
  | { readonly kind: 'config'; readonly text: string }
  | { readonly kind: 'error'; readonly message: string };

/** Undefined when a daemon can run here. */
export function dockerdLacks(): string | undefined {
  if (process.platform !== 'linux' || !isRoot) return 'root on Linux';
  if (!hasCommand('dockerd')) return 'dockerd';
  return hasCommand('containerd') ? undefined : 'containerd';
}

const IMAGE = 'callgate-probe';

/** A Docker daemon that runs. */
export interface Daemon {
  readonly version: string;
  /** Of its API. */
  readonly socket: string;
  /** A directory that goes with it. */
  readonly folder: string;
  readonly call: (method: string, path: string, body?: Buffer, type?: string) => Promise<Reply>;
  readonly stop: () => Promise<void>;
}

/**
 * @param enter shell text, run in a mount namespace of its own, after which `dockerd` is the wanted one
 * @param more arguments, given the daemon's directory
 * @param storage `vfs` copies every layer, and works everywhere
 */
export async function startDaemon(
  enter = '',
  more: (folder: string) => readonly string[] = () => [],
  storage: 'vfs' | 'overlay2' = 'vfs',
): Promise<Daemon> {
  const folder = mkdtempSync(join(tmpdir(), 'callgate-dockerd-'));
  const socket = join(folder, 'socket');
  const log: string[] = [];
  const daemon = spawn(
    'unshare',
    [
      ...['--mount', 'sh', '-c', `${enter}\nexec "$@"`, 'sh', 'dockerd'],
      '--bridge=none',
      '--iptables=false',
      '--ip-forward=false',
      `--storage-driver=${storage}`,
      `--data-root=${join(folder, 'data')}`,
      `--exec-root=${join(folder, 'exec')}`,
      `--pidfile=${join(folder, 'pid')}`,
      `--host=unix://${socket}`,
      ...more(folder),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  daemon.stderr?.setEncoding('utf8').on('data', (text: string) => log.push(text));
  const stop = async (): Promise<void> => {
    await ended(daemon);
    rmSync(folder, { recursive: true, force: true });
  };
  const call = (method: string, path: string, body?: Buffer, type = 'application/json'): Promise<Reply> =>
    http(socket, method, path, body, type);
  try {
    return { version: await waitForVersion(daemon, call, log), socket, folder, call, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A daemon for images that are large. */
export async function startImageDaemon(enter: string): Promise<Daemon> {
  return await startDaemon(enter, () => [], 'overlay2').catch(() => startDaemon(enter));
}

/** @param enter as of startDaemon */
export async function startDockerd(enter = ''): Promise<Dockerd> {
  const { version, folder, call, stop } = await startDaemon(enter, (own) => {
    const runtime = join(own, 'runtime');
    writeFileSync(runtime, runtimeScript(join(own, 'bundles')), { mode: 0o755 });
    return [`--add-runtime=keep=${runtime}`];
  });
  try {
    const bundles = join(folder, 'bundles');
    mkdirSync(bundles);
    const root = join(folder, 'root');
    mkdirSync(root);
    writeFileSync(join(root, 'program'), '');
    const image = execFileSync('tar', ['-C', root, '-c', 'program']);
    await call('POST', `/images/create?fromSrc=-&repo=${IMAGE}`, image, 'application/x-tar');
    return { version, stop, ask: (hostConfig) => ask(call, bundles, hostConfig) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A runtime for engines: shims call it like runc; it copies the config and fails, so that nothing runs. */
export function runtimeScript(bundles: string): string {
  return `#!/bin/sh
bundle= create=
while [ $# -gt 0 ]; do
  case $1 in
    create) create=1 ;;
    --bundle) bundle=$2; shift ;;
  esac
  shift
done
[ -z "$create" ] || cp "$bundle/config.json" '${bundles}'/"\${bundle##*/}"
exit 1
`;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
}

function http(
  socket: string,
  method: string,
  path: string,
  body: Buffer | undefined,
  type: string,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath: socket, method, path, headers: { 'Content-Type': type } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

async function waitForVersion(
  daemon: ChildProcess,
  call: (method: string, path: string) => Promise<Reply>,
  log: readonly string[],
): Promise<string> {
  for (let tries = 0; tries < 150 && daemon.exitCode === null; tries++) {
    const reply = await call('GET', '/version').catch(() => undefined);
    if (reply?.status === 200) {
      const { Version } = JSON.parse(reply.body) as { Version: string };
      return Version.replace(/[+~-].*$/, '');
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`dockerd did not start: ${log.join('').slice(-2000)}`);
}

async function ask(
  call: (method: string, path: string, body?: Buffer) => Promise<Reply>,
  bundles: string,
  hostConfig: object,
): Promise<DockerdAnswer> {
  const wanted = {
    Image: IMAGE,
    Cmd: ['/program'],
    HostConfig: { Runtime: 'keep', NetworkMode: 'none', ...hostConfig },
  };
  const created = await call('POST', '/containers/create', Buffer.from(JSON.stringify(wanted)));
  const { Id, message } = JSON.parse(created.body) as { Id?: string; message?: string };
  if (Id === undefined) return { kind: 'error', message: message ?? created.body };
  const started = await call('POST', `/containers/${Id}/start`);
  await call('DELETE', `/containers/${Id}?force=1`);
  const config = join(bundles, Id);
  if (existsSync(config)) {
    const text = readFileSync(config, 'utf8');
    rmSync(config);
    return { kind: 'config', text };
  }
  if (readdirSync(bundles).length > 0) throw new Error('another container’s bundle was kept');
  return { kind: 'error', message: (JSON.parse(started.body) as { message: string }).message };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await exit;
}
