import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ContainerRuntime } from './containers.js';

/** How `true` is linked with glibc. */
export type Linked = 'dynamic' | 'static';

export interface Start {
  readonly runtime: ContainerRuntime;
  readonly linked: Linked;
  readonly noNewPrivileges: boolean;
  /** `linux.seccomp` as JSON. */
  readonly seccomp: string;
}

/** Starts a container whose program is `true`: undefined when it ends with 0, else what was said. */
export function startTrue({ runtime, linked, noNewPrivileges, seccomp }: Start): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'callgate-true-'));
  try {
    chmodSync(directory, 0o755);
    const root = join(directory, 'rootfs');
    for (const name of ['dev', 'proc', 'sys']) mkdirSync(join(root, name), { recursive: true });
    placeTrue(root, linked);
    writeFileSync(join(directory, 'config.json'), config(noNewPrivileges, seccomp));
    const global = runtime === 'crun' ? ['--cgroup-manager=disabled'] : [];
    const command = [runtime, ...global, '--root', join(directory, 'state'), 'run', '--bundle', directory];
    // As in containers.ts: a cgroup2 tree of its own, which crun wants.
    const enter = 'mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null; exec "$@"';
    const { status, signal, stderr } = spawnSync(
      'unshare',
      ['--mount', 'sh', '-c', enter, 'sh', ...command, `callgate-true-${process.pid}`],
      { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], timeout: 30_000 },
    );
    return status === 0 ? undefined : `${signal ?? status}: ${stderr.trim()}`;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function placeTrue(root: string, linked: Linked): void {
  const program = join(root, 'true');
  const source = join(root, 'true.c');
  writeFileSync(source, 'int main(void) { return 0; }\n');
  execFileSync('gcc', [...(linked === 'static' ? ['-static'] : []), '-o', program, source]);
  rmSync(source);
  if (linked === 'static') return;
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g);
  for (const [, path = ''] of libraries) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(path, join(root, path));
    chmodSync(join(root, path), 0o755);
  }
}

/** Docker's default set is more than `true` needs, and less than all: the runtime has capabilities to drop. */
const CAPABILITIES = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_SETGID', 'CAP_SETUID', 'CAP_SETPCAP'];

function config(noNewPrivileges: boolean, seccomp: string): string {
  const value = {
    ociVersion: '1.0.2',
    root: { path: 'rootfs', readonly: true },
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args: ['/true'],
      env: ['PATH=/'],
      cwd: '/',
      noNewPrivileges,
      capabilities: { bounding: CAPABILITIES, permitted: CAPABILITIES, effective: CAPABILITIES },
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
    ],
    linux: { namespaces: ['mount', 'pid', 'ipc', 'uts', 'network'].map((type) => ({ type })), seccomp: '@' },
  };
  return JSON.stringify(value).replace('"@"', () => seccomp);
}
