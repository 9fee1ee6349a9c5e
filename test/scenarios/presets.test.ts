import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithOracle, hasCommand, isRoot } from '../oracle.js';
import { build, callgate, type Outcome } from './callgate.js';

interface Denial {
  readonly syscall: string;
  readonly args: readonly { readonly text: string }[];
  readonly verdict: { readonly errno?: string };
}

let directory: string;

beforeAll(async () => {
  await build();
  directory = mkdtempSync(join(tmpdir(), 'callgate-presets-'));
  chmodSync(directory, 0o755);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs a command under a filter; denials without the clone3 that every glibc tries first, which gets ENOSYS. */
function run(
  flags: readonly string[],
  command: readonly string[],
): Outcome & { readonly denials: readonly string[] } {
  const report = join(directory, 'report.json');
  const outcome = callgate('run', '--like', 'docker', ...flags, '--report', report, '--', ...command);
  const { denials } = JSON.parse(readFileSync(report, 'utf8')) as { denials: readonly Denial[] };
  const told = denials.map(({ syscall, args, verdict }) => `${syscall}(${args[0]?.text}) ${verdict.errno}`);
  return { ...outcome, denials: told.filter((text) => !text.startsWith('clone3(')) };
}

function lacks(...commands: readonly string[]): string | undefined {
  const missing = commands.filter((command) => !hasCommand(command));
  if (!isRoot) return 'root';
  return missing.length === 0 ? undefined : `the commands ${missing.join(', ')}`;
}

function lacksKernel(feature: Scenario['kernel']): string | undefined {
  const setting = (path: string): string => readFileSync(`/proc/sys/${path}`, 'utf8').trim();
  switch (feature) {
    case 'io_uring': {
      const path = 'kernel/io_uring_disabled';
      return existsSync(`/proc/sys/${path}`) && setting(path) !== '0' ? 'io_uring (sysctl)' : undefined;
    }
    case 'user namespaces':
      return setting('user/max_user_namespaces') === '0' ? 'user namespaces (sysctl)' : undefined;
    case undefined:
      return undefined;
  }
}

/** The preset's profile, without some of its calls. */
function presetFile(preset: string, ...deny: readonly string[]): string {
  const file = join(directory, `${preset}.json`);
  const flags = deny.flatMap((name) => ['--deny', name]);
  expect(callgate('extend', 'docker', '--preset', preset, '-o', file)).toMatchObject({ status: 0 });
  if (deny.length > 0) expect(callgate('extend', file, ...flags, '-o', file)).toMatchObject({ status: 0 });
  return file;
}

interface Scenario {
  readonly preset: string;
  readonly needs: readonly string[];
  /** What the kernel must have switched on. */
  readonly kernel?: 'io_uring' | 'user namespaces';
  /** Run in `directory`. */
  readonly prepare?: () => void;
  readonly command: () => readonly string[];
  /** What the program prints when it works. */
  readonly prints?: RegExp;
  /** The first denial under Docker's newest default. */
  readonly denied: string;
  /** What the program says then, and its exit code. */
  readonly fails: { readonly status: number; readonly stderr?: RegExp; readonly stdout?: RegExp };
  /** Calls of the preset, each of which the program cannot do without. */
  readonly each: readonly string[];
}

const compiled = (name: string, flags: readonly string[] = []): string => {
  const source = join(dirname(fileURLToPath(import.meta.url)), 'programs', `${name}.c`);
  const binary = join(directory, name);
  execFileSync('gcc', [...flags, '-o', binary, source]);
  return binary;
};

const scenarios: readonly Scenario[] = [
  {
    preset: 'numa',
    needs: ['numactl'],
    command: () => [
      'numactl',
      '--length=64k',
      `--file=${join(directory, 'shared')}`,
      '--interleave=all',
      '--touch',
    ],
    denied: 'get_mempolicy(',
    fails: { status: 1, stderr: /Operation not permitted/ },
    each: ['get_mempolicy', 'mbind'],
  },
  {
    preset: 'numa',
    needs: ['numactl'],
    command: () => ['numactl', '--interleave=all', 'echo', 'inside'],
    prints: /^inside$/m,
    denied: 'get_mempolicy(',
    fails: { status: 1, stderr: /^set_mempolicy: Operation not permitted$/m },
    each: ['set_mempolicy'],
  },
  {
    preset: 'debug',
    needs: ['gdb'],
    command: () => ['gdb', '-nx', '-batch', '-ex', 'run', '--args', '/bin/sh', '-c', 'exit 3'],
    prints: /exited with code 03/,
    denied: 'personality(PER_LINUX|ADDR_NO_RANDOMIZE) EPERM',
    // gdb goes on, with addresses that differ from run to run.
    fails: { status: 0, stderr: /Error disabling address space randomization: Operation not permitted/ },
    each: [],
  },
  {
    preset: 'debug',
    needs: ['setarch'],
    command: () => ['setarch', '-R', 'echo', 'inside'],
    prints: /^inside$/m,
    denied: 'personality(PER_LINUX|ADDR_NO_RANDOMIZE) EPERM',
    fails: { status: 1, stderr: /failed to set personality/ },
    each: [],
  },
  {
    preset: 'database',
    needs: ['gcc'],
    kernel: 'io_uring',
    prepare: () => void compiled('ring'),
    command: () => [join(directory, 'ring')],
    prints: /^ring works$/m,
    denied: 'io_uring_setup(4) EPERM',
    fails: { status: 1, stdout: /^io_uring_setup: Operation not permitted$/m },
    each: ['io_uring_setup', 'io_uring_enter', 'io_uring_register'],
  },
  {
    preset: 'agent-sandbox',
    needs: ['bwrap'],
    kernel: 'user namespaces',
    command: () => [
      ...['bwrap', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'],
      ...['--unshare-all', '--unshare-user', '--disable-userns', '--die-with-parent', 'echo', 'inside'],
    ],
    prints: /^inside$/m,
    denied:
      'clone(CLONE_NEWNS|CLONE_NEWCGROUP|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWNET|SIGCHLD) EPERM',
    fails: { status: 1, stderr: /No permissions to create new namespace/ },
    each: ['clone', 'unshare', 'mount', 'umount2', 'pivot_root'],
  },
  {
    preset: 'buildkit-rootless',
    needs: ['runc', 'gcc', 'unshare'],
    kernel: 'user namespaces',
    prepare: prepareBundle,
    command: () => {
      const state = mkdtempSync(join(directory, 'state-'));
      const runc = `runc --root ${state} run --bundle ${join(directory, 'bundle')} step`;
      return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', runc];
    },
    prints: /^built$/m,
    denied: 'unshare(CLONE_NEWNS|CLONE_NEWUSER) EPERM',
    fails: { status: 1, stderr: /unshare failed: Operation not permitted/ },
    each: ['unshare', 'mount', 'pivot_root', 'sethostname', 'keyctl'],
  },
];

/** One build step: a container without network and devices of its own, whose only program says that it ran. */
function prepareBundle(): void {
  const bundle = join(directory, 'bundle');
  for (const place of ['bin', 'proc', 'dev']) mkdirSync(join(bundle, 'rootfs', place), { recursive: true });
  const source = join(directory, 'step.c');
  writeFileSync(source, '#include <stdio.h>\nint main(void) { puts("built"); return 0; }\n');
  execFileSync('gcc', ['-static', '-o', join(directory, 'step'), source]);
  copyFileSync(join(directory, 'step'), join(bundle, 'rootfs', 'bin', 'step'));
  execFileSync('runc', ['spec', '--rootless'], { cwd: bundle });
  const file = join(bundle, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  config.process = { ...config.process, args: ['/bin/step'], terminal: false };
  config.mounts = config.mounts.filter(({ destination }: { destination: string }) =>
    /^\/(proc|dev)$/.test(destination),
  );
  delete config.linux.resources;
  delete config.linux.cgroupsPath;
  writeFileSync(file, JSON.stringify(config));
}

for (const { preset, needs, kernel, prepare, command, prints, denied, fails, each } of scenarios) {
  describeWithOracle(lacks(...needs) ?? lacksKernel(kernel), `${preset}: ${needs[0]}`, () => {
    beforeAll(() => prepare?.());

    it('is denied what it needs under Docker’s newest default', () => {
      const outcome = run([], command());
      expect(outcome.denials[0]?.startsWith(denied), outcome.denials.join('\n')).toBe(true);
      expect(outcome.status).toBe(fails.status);
      if (fails.stderr !== undefined) expect(outcome.stderr).toMatch(fails.stderr);
      if (fails.stdout !== undefined) expect(outcome.stdout).toMatch(fails.stdout);
    });

    it('works with the preset, and nothing is denied', () => {
      const outcome = run(['--profile', presetFile(preset)], command());
      expect(outcome.stderr).not.toMatch(/not permitted/i);
      expect(outcome).toMatchObject({ status: 0, denials: [] });
      if (prints !== undefined) expect(outcome.stdout).toMatch(prints);
    });

    it.each(each)('is denied %s when the preset goes without it', (name) => {
      const outcome = run(['--profile', presetFile(preset, name)], command());
      expect(
        outcome.denials.some((text) => text.startsWith(`${name}(`)),
        outcome.stderr,
      ).toBe(true);
    });
  });
}

describeWithOracle(lacks('strace'), 'strace', () => {
  it('needs no preset on this kernel: Docker’s newest default allows ptrace', () => {
    const outcome = run([], ['strace', '-f', '-e', 'trace=execve', 'true']);
    expect(outcome).toMatchObject({ status: 0, denials: [] });
    expect(outcome.stderr).toMatch(/execve\(.*"true"/);
  });

  it('needs one where the profile is for a kernel before 4.8', () => {
    const before = ['--kernel', '4.7'];
    const outcome = run(before, ['strace', '-f', 'true']);
    expect(outcome.denials[0]).toMatch(/^ptrace\(PTRACE_TRACEME\) EPERM|^ptrace\(PTRACE_SEIZE\) EPERM/);
    const file = join(directory, 'old-kernel.json');
    expect(
      callgate('fix', 'ptrace', 'process_vm_readv', '--engine', 'docker', ...before, '-o', file),
    ).toMatchObject({
      status: 0,
    });
    expect(run([...before, '--profile', file], ['strace', '-f', 'true'])).toMatchObject({
      status: 0,
      denials: [],
    });
  });
});
