import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeWithOracle, hasCommand, isRoot } from '../oracle.js';
import { build, callgate, profile } from './callgate.js';

/** One entry of a report's `denials`. */
interface Denial {
  readonly syscall: string;
  readonly args: readonly { readonly name: string; readonly text: string; readonly mayHaveChanged?: true }[];
  readonly verdict: { readonly action: string; readonly errno?: string };
  readonly count: number;
}

let directory: string;

beforeAll(build);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'callgate-scenario-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** `callgate run … --report FILE -- …`, with what the report says. */
function run(flags: readonly string[], command: readonly string[]) {
  const report = join(directory, 'report.json');
  const outcome = callgate('run', ...flags, '--report', report, '--', ...command);
  const { denials, exit } = JSON.parse(readFileSync(report, 'utf8')) as {
    denials: readonly Denial[];
    exit: unknown;
  };
  return { ...outcome, denials, exit };
}

function lacks(...commands: readonly string[]): string | undefined {
  if (process.platform !== 'linux') return 'Linux';
  const missing = commands.filter((command) => !hasCommand(command));
  return missing.length === 0 ? undefined : `the commands ${missing.join(', ')}`;
}

describeWithOracle(lacks('unshare'), 'run --like docker@28.5.2 -- unshare -U true', () => {
  it('reports exactly one denial, unshare(CLONE_NEWUSER) → EPERM, and exits with unshare’s own code', () => {
    const outcome = run(['--like', 'docker@28.5.2'], ['unshare', '-U', 'true']);
    expect(outcome.denials).toHaveLength(1);
    const [denial] = outcome.denials;
    expect(denial).toMatchObject({
      syscall: 'unshare',
      count: 1,
      verdict: { action: 'SCMP_ACT_ERRNO', errno: 'EPERM' },
    });
    expect(denial?.args[0]?.text).toBe('CLONE_NEWUSER');
    expect(outcome.stderr).toMatch(/^unshare: unshare failed: Operation not permitted$/m);
    expect(outcome.stderr).toMatch(/unshare\(CLONE_NEWUSER\).*EPERM/);
    expect(outcome.status).toBe(1);
  });

  it('leaves the command alone where nothing is denied', () => {
    const outcome = run(['--like', 'docker@28.5.2'], ['sh', '-c', 'echo out; echo err >&2; exit 7']);
    expect(outcome).toMatchObject({ denials: [], stdout: 'out\n', stderr: 'err\n', status: 7 });
  });
});

describeWithOracle(lacks('busybox', 'chmod'), 'the chmod profile in the old `name` form', () => {
  const CHMOD = profile('chmod.json');
  let file: string;
  beforeEach(() => {
    file = join(directory, 'hosts');
    writeFileSync(file, '', { mode: 0o644 });
  });

  it('marks the path, which is read from memory, as one that may have changed', () => {
    const { denials } = run(['--profile', CHMOD], ['busybox', 'chmod', '400', file]);
    expect(denials[0]?.args).toMatchObject([{ text: `"${file}"`, mayHaveChanged: true }, { name: 'mode' }]);
    expect(denials[0]?.args[1]).not.toHaveProperty('mayHaveChanged');
  });

  for (const report of [true, false]) {
    const flags = report ? [] : ['--no-report'];
    it(`stops busybox, which calls chmod ${flags.join()}`, () => {
      const outcome = callgate('run', '--profile', CHMOD, ...flags, '--', 'busybox', 'chmod', '400', file);
      expect(outcome.stderr).toContain(`chmod: ${file}: Operation not permitted\n`);
      expect(outcome.status).toBe(1);
      expect(statSync(file).mode & 0o777).toBe(0o644);
    });

    it(`lets coreutils through, which calls fchmodat ${flags.join()}`, () => {
      const outcome = callgate('run', '--profile', CHMOD, ...flags, '--', 'chmod', '400', file);
      expect(outcome).toEqual({ status: 0, stdout: '', stderr: '' });
      expect(statSync(file).mode & 0o777).toBe(0o400);
    });
  }

  it('why and show say so', () => {
    expect(callgate('why', 'chmod', '--profile', CHMOD)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('EPERM'),
    });
    expect(callgate('why', 'fchmodat', '--profile', CHMOD).status).toBe(0);
    const shown = JSON.parse(callgate('show', CHMOD, '--arch', 'amd64', '--format', 'json').stdout) as {
      syscalls: readonly { syscall: string; verdict: { action: string; errno?: string } }[];
    };
    const denied = shown.syscalls.filter(({ verdict }) => verdict.action !== 'SCMP_ACT_ALLOW');
    expect(denied).toMatchObject([
      { syscall: 'chmod', number: 90, abi: 'x86_64', verdict: { action: 'SCMP_ACT_ERRNO', errno: 'EPERM' } },
    ]);
  });
});

describeWithOracle(isRoot ? lacks('numactl') : 'root', 'numactl --show under docker@27.5.1 as root', () => {
  it('is denied get_mempolicy', () => {
    const { denials } = run(['--like', 'docker@27.5.1'], ['numactl', '--show']);
    expect(denials.map(({ syscall, verdict }) => `${syscall} ${verdict.errno}`)).toContain(
      'get_mempolicy EPERM',
    );
    for (const { syscall } of denials) expect(['get_mempolicy', 'set_mempolicy', 'mbind']).toContain(syscall);
  });

  it('is denied nothing with --cap-add SYS_NICE', () => {
    const outcome = run(['--like', 'docker@27.5.1', '--cap-add', 'SYS_NICE'], ['numactl', '--show']);
    expect(outcome).toMatchObject({ denials: [], status: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/^policy: default$/m);
  });
});
