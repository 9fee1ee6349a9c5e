import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestNumber } from '../../src/syscalls/libseccomp.js';
import { describeWithOracle } from '../oracle.js';
import { EVERY_CALL } from '../oracles/calls.js';
import { CONTAINER_RUNTIMES, lacksForContainers, runProbe } from '../oracles/containers.js';
import { probeBinary, readResults, showResult } from '../oracles/probe/binary.js';
import { PROBE_ABIS } from '../oracles/probe/calls.js';
import { build, CALLGATE, callgate, profile } from './callgate.js';

const DENY_LIST = profile('deny-list.json');
const { architectures, syscalls } = JSON.parse(readFileSync(DENY_LIST, 'utf8')) as {
  architectures: readonly string[];
  syscalls: readonly { names: readonly string[] }[];
};
const NAMES = syscalls.flatMap(({ names }) => names);

/** `SCMP_ARCH_MIPSEL64N32` → `mipsel64n32`. */
const abis = architectures.map((word) => word.replace('SCMP_ARCH_', '').toLowerCase());

interface Shown {
  readonly syscalls: readonly {
    readonly syscall: string;
    readonly number: number;
    readonly abi: string;
    readonly verdict: { readonly action: string; readonly errno?: string };
  }[];
}

let directory: string;

beforeAll(async () => {
  await build();
  directory = mkdtempSync(join(tmpdir(), 'callgate-deny-list-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('the deny-list of 25 names for 14 architectures', () => {
  it('has them', () => {
    expect(NAMES).toHaveLength(25);
    expect(abis).toHaveLength(14);
  });

  // The other byte order cannot share a filter with x86: libseccomp refuses those, and so do runc and crun.
  const shown = (abi: string): Shown =>
    JSON.parse(callgate('show', DENY_LIST, '--arch', abi, '--format', 'json').stdout);

  it.each(abis)(
    '%s: compiles to a program that the kernel takes, and denies the names that this ABI has',
    (abi) => {
      const output = join(directory, `${abi}.bpf`);
      expect(callgate('compile', DENY_LIST, '--arch', abi, '-o', output)).toMatchObject({ status: 0 });
      const program = readFileSync(output);
      expect(program.length % 8).toBe(0);
      expect(program.length / 8).toBeLessThanOrEqual(4096);

      const rows = shown(abi).syscalls.filter((row) => row.abi === abi);
      const denied = rows.filter(({ verdict }) => verdict.action !== 'SCMP_ACT_ALLOW');
      expect(denied.map(({ syscall }) => syscall).sort()).toEqual(
        rows.flatMap(({ syscall }) => (NAMES.includes(syscall) ? [syscall] : [])).sort(),
      );
      expect(denied.length).toBeGreaterThanOrEqual(22);
      const calls = denied.map(({ number }) => `${abi} ${number}`).join('\n');
      writeFileSync(join(directory, 'calls'), `${calls}\n${abi} getpid\n`);
      const simulated = callgate(
        'simulate',
        `bpf:${output}`,
        '--arch',
        abi,
        '--calls',
        join(directory, 'calls'),
      );
      const actions = simulated.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { action: string; errno?: string });
      expect(
        actions.slice(0, -1).every(({ action, errno }) => action === 'SCMP_ACT_ERRNO' && errno === 'EPERM'),
      ).toBe(true);
      expect(actions.at(-1)?.action).toBe('SCMP_ACT_ALLOW');
    },
  );
});

describeWithOracle(lacksForContainers(), 'the deny-list, enforced', () => {
  const denied = new Set(
    PROBE_ABIS.flatMap((abi) => NAMES.map((name) => `${abi} ${newestNumber(name, abi)}`)),
  );
  const expected = EVERY_CALL.map(({ abi, number }) =>
    denied.has(`${abi} ${number}`) ? 'errno 1' : 'reached',
  );
  // Trampolines of the kernel that pass every filter end in errors of their own.
  const withoutTrampolines = (list: readonly string[]): readonly string[] =>
    list.filter((_, index) => index !== 335 && index !== 336);

  it('by callgate run', () => {
    const probe = join(directory, 'probe');
    writeFileSync(probe, probeBinary('verdict', EVERY_CALL), { mode: 0o755 });
    const words = [CALLGATE, 'run', '--no-report', '--profile', DENY_LIST, '--', probe];
    const results = readResults(execFileSync(process.execPath, words, { maxBuffer: 1 << 24, stdio: 'pipe' }));
    expect(withoutTrampolines(results.map(showResult))).toEqual(withoutTrampolines(expected));
  });

  // As a whole no runtime takes it on x86: libseccomp wants one byte order in a filter.
  it.each(CONTAINER_RUNTIMES)('by %s, for the architectures of this machine', async (runtime) => {
    const local = architectures.filter((word) => /_(X86_64|X86|X32)$/.test(word));
    const seccomp = { ...JSON.parse(readFileSync(DENY_LIST, 'utf8')), architectures: local };
    const container = { seccomp, capabilities: [], noNewPrivileges: true };
    const results = await runProbe(runtime, container, 'verdict', EVERY_CALL);
    expect(withoutTrampolines(results.map(showResult))).toEqual(withoutTrampolines(expected));
    const whole = { ...container, seccomp: { ...seccomp, architectures } };
    await expect(runProbe(runtime, whole, 'verdict', EVERY_CALL)).rejects.toThrow();
  });
});
