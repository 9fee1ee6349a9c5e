import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasCommand, isRoot } from '../oracle.js';
import { type ProbeMode, type ProbeResult, probeBinary, readResults } from './probe/binary.js';
import type { ProbeCall } from './probe/calls.js';

export type ContainerRuntime = 'runc' | 'crun';

export const CONTAINER_RUNTIMES: readonly ContainerRuntime[] = ['runc', 'crun'];

export interface Container {
  /** `linux.seccomp` of the bundle, as JSON values or as text where numbers are beyond JavaScript's; absent: unconfined. */
  readonly seccomp?: object | string;
  /** Bounding, permitted and effective set, full names. */
  readonly capabilities: readonly string[];
  /** Decides how early the runtime installs the filter, and so which calls of its own pass through it. */
  readonly noNewPrivileges: boolean;
}

/** What keeps containers from being started here; undefined when nothing does. */
export function lacksForContainers(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'Linux on x86-64';
  if (!isRoot) return 'root';
  const missing = [...CONTAINER_RUNTIMES, 'gcc', 'unshare', 'mount'].filter(
    (command) => !hasCommand(command),
  );
  return missing.length === 0 ? undefined : `the commands ${missing.join(', ')}`;
}

/**
 * Starts a container whose only process is the probe, and returns what became of each call.
 * Fails with the runtime's own message when the container does not start.
 */
export async function runProbe(
  runtime: ContainerRuntime,
  container: Container,
  mode: ProbeMode,
  calls: readonly ProbeCall[],
): Promise<ProbeResult[]> {
  const directory = mkdtempSync(join(tmpdir(), 'callgate-bundle-'));
  try {
    // The root of the file system must be readable for a container without CAP_DAC_OVERRIDE.
    chmodSync(directory, 0o755);
    for (const name of ['dev', 'proc', 'sys'])
      mkdirSync(join(directory, 'rootfs', name), { recursive: true });
    writeFileSync(join(directory, 'rootfs', 'probe'), probeBinary(mode, calls), { mode: 0o755 });
    writeFileSync(join(directory, 'config.json'), bundleConfig(container));
    const results = readResults(await start(runtime, directory));
    if (results.length !== calls.length)
      throw new Error(`${results.length} results for ${calls.length} calls`);
    return results;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A bundle with nothing that needs cgroup controllers, resource limits or devices. */
function bundleConfig(container: Container): string {
  const { capabilities, noNewPrivileges } = container;
  const seccomp =
    typeof container.seccomp === 'string' ? container.seccomp : JSON.stringify(container.seccomp ?? null);
  const config = {
    ociVersion: '1.0.2',
    root: { path: 'rootfs', readonly: true },
    hostname: 'probe',
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args: ['/probe'],
      env: ['PATH=/'],
      cwd: '/',
      noNewPrivileges,
      capabilities: { bounding: capabilities, permitted: capabilities, effective: capabilities },
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
    ],
    linux: {
      namespaces: ['mount', 'pid', 'ipc', 'uts', 'network'].map((type) => ({ type })),
      ...(container.seccomp === undefined ? {} : { seccomp: '@seccomp@' }),
    },
  };
  return JSON.stringify(config).replace('"@seccomp@"', () => seccomp);
}

/**
 * crun refuses the mixed cgroup layout of some machines, so both runtimes get a plain cgroup2 tree in a mount
 * namespace of their own. Where it cannot be mounted they take what is there.
 */
const IN_OWN_CGROUP_TREE = 'mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null; exec "$@"';

function start(runtime: ContainerRuntime, directory: string): Promise<Buffer> {
  const state = join(directory, 'state');
  const id = `callgate-${process.pid}-${directory.slice(-6)}`;
  const global = runtime === 'crun' ? ['--cgroup-manager=disabled'] : [];
  const command = [runtime, ...global, '--root', state, 'run', '--bundle', directory, id];
  const args = ['--mount', 'sh', '-c', IN_OWN_CGROUP_TREE, 'sh', ...command];
  return new Promise((resolve, reject) => {
    const options = { encoding: 'buffer', maxBuffer: 1 << 24, timeout: 60_000 } as const;
    const child = execFile('unshare', args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${runtime}: ${stderr.toString().trim() || error.message}`));
    });
    child.stdin?.end();
  });
}
