import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithOracle, hasCommand } from '../oracle.js';
import { CONTAINER_RUNTIMES, lacksForContainers, runProbe } from '../oracles/containers.js';
import { probeBinary, readResults, showResult } from '../oracles/probe/binary.js';
import type { ProbeCall } from '../oracles/probe/calls.js';
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

describe('the deny-list of 26 names for 14 architectures', () => {
  it('has them', () => {
    expect(NAMES).toHaveLength(26);
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
      expect(denied.length).toBeGreaterThanOrEqual(23);
      const calls = denied.map(({ number }) => `${abi} ${number}`).join('\n');
      writeFileSync(join(directory, 'calls'), `${calls}\n${abi} getpid\n`);
      const simulated = callgate('simulate', `bpf:${output}`, '--calls', join(directory, 'calls'));
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

describeWithOracle(
  lacksForContainers() ?? (hasCommand('gcc') ? undefined : 'gcc'),
  'the deny-list, enforced',
  () => {
    const calls: ProbeCall[] = [];
    const expected: string[] = [];
    beforeAll(() => {
      const rows = (
        JSON.parse(callgate('show', DENY_LIST, '--arch', 'x86_64', '--format', 'json').stdout) as Shown
      ).syscalls;
      for (const { abi, number, verdict } of rows) {
        if (abi !== 'x86_64' && abi !== 'x86' && abi !== 'x32') continue;
        // The kernel's own uretprobe and uprobe calls pass no filter.
        if (abi === 'x86_64' && (number === 335 || number === 336)) continue;
        calls.push({ abi, number: abi === 'x32' ? number & 0x3fffffff : number, args: [] });
        expected.push(verdict.action === 'SCMP_ACT_ALLOW' ? 'reached' : 'errno 1');
      }
      expect(expected.filter((word) => word === 'errno 1').length).toBeGreaterThan(60);
    });

    it('by callgate run', () => {
      const probe = join(directory, 'probe');
      writeFileSync(probe, probeBinary('verdict', calls), { mode: 0o755 });
      const words = [CALLGATE, 'run', '--no-report', '--profile', DENY_LIST, '--', probe];
      const results = readResults(execFileSync(process.execPath, words, { maxBuffer: 1 << 24 }));
      expect(results.map(showResult)).toEqual(expected);
    });
  },
);
