import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCommand, isRoot } from '../test/oracle.js';
import { importImage } from '../test/oracles/agent/image.js';
import { IN_OWN_CGROUP_TREE } from '../test/oracles/containers.js';
import { startImageDaemon } from '../test/oracles/dockerd.js';
import { containerStart, emptyRoot, inOwnCgroups } from './containers.js';
import { cell, output, probe, probePath, type Row, type Timing } from './measure.js';

/**
 * What other programs take to start one that does nothing under a filter. What cannot be measured here says why.
 *
 * @param filter a file with a compiled filter
 */
export async function peerRows(filter: string): Promise<readonly Row[]> {
  const sandboxes: readonly Row[] = [
    row('bwrap --seccomp', lacks('bwrap'), () =>
      probe('start', '100', 'sh', '-c', `exec bwrap --bind / / --seccomp 9 /bin/true 9<${filter}`),
    ),
    row('sh -c (part of the line above)', undefined, () =>
      probe('start', '100', 'sh', '-c', 'exec /bin/true'),
    ),
    row('firejail --seccomp', lacks('firejail'), () =>
      probe('start', '20', 'firejail', '--quiet', '--noprofile', '--seccomp', '/bin/true'),
    ),
    row('strace -f', lacks('strace'), () =>
      probe('start', '50', 'strace', '-f', '-o', '/dev/null', '/bin/true'),
    ),
  ];
  // The root file system of containers must be reachable for everybody, and outlives the runtime.
  const folder = mkdtempSync(join(tmpdir(), 'callgate-engines-'));
  try {
    return [...sandboxes, ...(await runtimeRows()), ...podmanRows(folder), ...(await dockerRows(folder))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function row(name: string, lacking: string | undefined, measure: () => Timing | undefined): Row {
  return [name, lacking === undefined ? cell(measure(), 0) : `not measured: ${lacking}`];
}

/** Why a command cannot be measured. */
function lacks(...commands: readonly string[]): string | undefined {
  const missing = commands.filter((command) => !hasCommand(command));
  return missing.length === 0 ? undefined : `${missing.join(', ')} not installed`;
}

const lacksRoot = isRoot ? undefined : 'needs root';

async function runtimeRows(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const runtime of ['runc', 'crun'] as const) {
    const lacking = lacks(runtime) ?? lacksRoot;
    const words = lacking === undefined ? await containerStart(runtime, 20, probePath()) : undefined;
    rows.push(row(`${runtime} run`, lacking, () => words && output(...words)));
  }
  return rows;
}

/** Engines cannot raise limits everywhere, and need no network here. */
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
const UNCONFINED = ['--security-opt', 'seccomp=unconfined'];
const ROUNDS = '10';

function podmanRows(folder: string): readonly Row[] {
  const start = (...options: readonly string[]): Timing | undefined => {
    const stores = ['root', 'runroot'].map((name) => `--${name}=${join(folder, `podman-${name}`)}`);
    const podman = ['podman', ...stores, '--storage-driver=vfs', '--cgroup-manager=cgroupfs'];
    const run = ['run', '--rm', '--network=none', '--cgroups=disabled', ...LIMITS, ...options];
    const root = emptyRoot(join(folder, 'podman'));
    return output(
      ...inOwnCgroups(probePath(), 'start', ROUNDS, ...podman, ...run, '--rootfs', root, '/nothing'),
    );
  };
  const lacking = lacks('podman') ?? lacksRoot;
  return [
    row('podman run', lacking, () => start()),
    row('podman run, unconfined', lacking, () => start(...UNCONFINED)),
  ];
}

const IMAGE = 'callgate-nothing';

/** With a daemon of our own, which ends with the measurement. */
async function dockerRows(folder: string): Promise<readonly Row[]> {
  const names = ['docker run', 'docker run, unconfined'] as const;
  const lacking = lacks('dockerd', 'containerd', 'docker') ?? lacksRoot;
  if (lacking !== undefined) return names.map((name) => row(name, lacking, () => undefined));
  const daemon = await startImageDaemon(IN_OWN_CGROUP_TREE);
  try {
    await importImage(daemon, emptyRoot(join(folder, 'docker')), IMAGE);
    const client = ['docker', '--host', `unix://${daemon.socket}`, 'run', '--rm', '--network=none'];
    return names.map((name, unconfined) =>
      row(name, undefined, () =>
        probe('start', ROUNDS, ...client, ...(unconfined === 1 ? UNCONFINED : []), IMAGE, '/nothing'),
      ),
    );
  } finally {
    await daemon.stop();
  }
}
