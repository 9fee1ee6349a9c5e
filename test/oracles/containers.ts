import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { elf, READ_BASE } from '../../src/linux/elf.js';
import { hasCommand, isRoot } from '../oracle.js';
import { type ProbeMode, type ProbeResult, probeBinary, readResults } from './probe/binary.js';
import type { ProbeCall } from './probe/calls.js';

export type ContainerRuntime = 'runc' | 'crun';

export const CONTAINER_RUNTIMES: readonly ContainerRuntime[] = ['runc', 'crun'];

/** A runtime that is not the machine's own. */
export interface PlacedRuntime {
  readonly name: ContainerRuntime;
  /** Shell text, run in a mount namespace of its own, after which `name` is the runtime. */
  readonly enter: string;
}

export interface Container {
  /** `linux.seccomp` of the bundle, as JSON values or as text where numbers are beyond JavaScript's; absent: unconfined. */
  readonly seccomp?: object | string;
  /** Bounding, permitted and effective set, full names. */
  readonly capabilities: readonly string[];
  /** Decides how early the runtime installs the filter, and so which calls of its own pass through it. */
  readonly noNewPrivileges: boolean;
  /** Of the bundle, as engines put them. */
  readonly annotations?: Readonly<Record<string, string>>;
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
  runtime: ContainerRuntime | PlacedRuntime,
  container: Container,
  mode: ProbeMode,
  calls: readonly ProbeCall[],
): Promise<ProbeResult[]> {
  return await withBundle(container, probeBinary(mode, calls), async (directory) => {
    const results = readResults(await start(runtime, directory).output);
    if (results.length !== calls.length)
      throw new Error(`${results.length} results for ${calls.length} calls`);
    return results;
  });
}

/** A command of a tree that is there already. */
export interface TreeCommand {
  readonly root: string;
  readonly args: readonly string[];
  /** A directory that is writable in the container, at /sample. */
  readonly work: string;
  /** Milliseconds after which it is killed; default 30,000. */
  readonly patience?: number;
}

/**
 * Runs a command to its end and returns what it prints.
 * Fails with what it, or the runtime, says when that is no success.
 */
export async function runCommand(
  runtime: ContainerRuntime | PlacedRuntime,
  container: Container,
  command: TreeCommand,
): Promise<string> {
  return await withBundle(container, command, async (directory) =>
    (await start(runtime, directory, command.patience).output).toString(),
  );
}

/** How a container ended. */
export interface EndedContainer {
  /** Its process's exit code, or the runtime's own where it does not start; null: a signal ended the runtime. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, whatever that is. @param look is told the pid of its process, once there is one */
export async function runToEnd(
  runtime: ContainerRuntime,
  container: Container,
  command: TreeCommand,
  look?: (pid: number) => void,
): Promise<EndedContainer> {
  return await withBundle(container, command, async (directory) => {
    const { ended, pidFile } = start(runtime, directory, command.patience);
    let running = look !== undefined;
    const end = ended.finally(() => {
      running = false;
    });
    while (running) {
      const pid = readNumber(pidFile);
      if (pid !== undefined) {
        look?.(pid);
        break;
      }
      await sleep(5);
    }
    const { code, stdout, stderr } = await end;
    return { code, stdout: stdout.toString(), stderr };
  });
}

/** What the containers of inContainer run. */
const COMMAND = 'probe';

/**
 * Starts a container whose process only turns in a loop, without any system call, and lets `look` have its pid.
 * Fails with the runtime's own message when the container does not start.
 */
export async function inContainer<T>(
  runtime: ContainerRuntime | PlacedRuntime,
  container: Container,
  look: (pid: number) => T | Promise<T>,
): Promise<T> {
  const image = elf({ machine: 62, entry: READ_BASE, read: JUMP_TO_ITSELF, write: new Uint8Array(8) });
  return await withBundle(container, image, async (directory) => {
    const { output, pidFile } = start(runtime, directory);
    let failure: unknown;
    const ended = output.catch((error: unknown) => {
      failure = error;
    });
    for (;;) {
      if (failure !== undefined) throw failure;
      const pid = readNumber(pidFile);
      if (pid !== undefined && nameOf(pid) === COMMAND) {
        try {
          return await look(pid);
        } finally {
          process.kill(pid, 'SIGKILL');
          await ended;
        }
      }
      await sleep(5);
    }
  });
}

/** `jmp .` */
const JUMP_TO_ITSELF = new Uint8Array([0xeb, 0xfe]);

function readNumber(path: string): number | undefined {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function nameOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

async function withBundle<T>(
  container: Container,
  command: Uint8Array | TreeCommand,
  use: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'callgate-bundle-'));
  try {
    // The root of the file system must be readable for a container without CAP_DAC_OVERRIDE.
    chmodSync(directory, 0o755);
    let tree: TreeCommand;
    if (command instanceof Uint8Array) {
      tree = { root: 'rootfs', args: [`/${COMMAND}`], work: directory };
      for (const name of ['dev', 'proc', 'sys', 'sample'])
        mkdirSync(join(directory, 'rootfs', name), { recursive: true });
      writeFileSync(join(directory, 'rootfs', COMMAND), command, { mode: 0o755 });
    } else {
      tree = command;
    }
    writeFileSync(join(directory, 'config.json'), bundleConfig(container, tree));
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A bundle with nothing that needs cgroup controllers, resource limits or devices. */
function bundleConfig(container: Container, { root, args, work }: TreeCommand): string {
  const { capabilities, noNewPrivileges } = container;
  const seccomp =
    typeof container.seccomp === 'string' ? container.seccomp : JSON.stringify(container.seccomp ?? null);
  const config = {
    ociVersion: '1.0.2',
    root: { path: root, readonly: true },
    hostname: 'probe',
    annotations: container.annotations ?? {},
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args,
      env: ['PATH=/usr/bin:/bin'],
      cwd: '/',
      noNewPrivileges,
      capabilities: { bounding: capabilities, permitted: capabilities, effective: capabilities },
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
      { destination: '/sample', type: 'bind', source: work, options: ['bind', 'rw'] },
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
export const IN_OWN_CGROUP_TREE = 'mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null';

interface Started {
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: Buffer; readonly stderr: string }>;
  /** Standard output, when the container has ended well. */
  readonly output: Promise<Buffer>;
  /** Holds the pid as this process sees it, once there is one. */
  readonly pidFile: string;
}

function start(runtime: ContainerRuntime | PlacedRuntime, directory: string, patience = 30_000): Started {
  const { name, enter } =
    typeof runtime === 'string' ? { name: runtime, enter: IN_OWN_CGROUP_TREE } : runtime;
  const state = join(directory, 'state');
  const pidFile = join(directory, 'pid');
  const id = `callgate-${process.pid}-${directory.slice(-6)}`;
  const global = name === 'crun' ? ['--cgroup-manager=disabled'] : [];
  const options = ['--bundle', directory, '--pid-file', pidFile];
  const command = [name, ...global, '--root', state, 'run', ...options, id];
  const args = ['--mount', 'sh', '-c', `${enter}\nexec "$@"`, 'sh', ...command];
  const ended: Started['ended'] = new Promise((resolve) => {
    const child = execFile(
      'unshare',
      args,
      { encoding: 'buffer', maxBuffer: 1 << 24, timeout: patience, killSignal: 'SIGKILL' },
      (error, stdout, bytes) => {
        if (error?.killed === true) killInit(pidFile);
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        resolve({
          code,
          stdout,
          stderr: bytes.toString().trim() || (code === null ? `${error?.message}` : ''),
        });
      },
    );
    child.stdin?.end();
  });
  const output = ended.then(({ code, stdout, stderr }) => {
    if (code !== 0) throw new Error(`${name}: ${stderr === '' ? `exit code ${code}` : stderr}`);
    return stdout;
  });
  output.catch(() => undefined);
  return { ended, output, pidFile };
}

/** runc waits for ever for a process of which a filter has killed one thread; its end does not end that process. */
function killInit(pidFile: string): void {
  const pid = readNumber(pidFile);
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
