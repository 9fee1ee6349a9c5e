import { type ChildProcess, type SpawnOptions, spawn as spawnPlain } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { compile } from '../../src/bpf/compile.js';
import { encode } from '../../src/bpf/encode.js';
import type { Program } from '../../src/bpf/instruction.js';
import { lift } from '../../src/bpf/lift.js';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { predict } from '../../src/explain/predict.js';
import { launcher } from '../../src/linux/launcher.js';
import { writeLauncher } from '../../src/linux/launcherFile.js';
import { hostMachine } from '../../src/linux/machine.js';
import { dumpFilters } from '../../src/linux/process/dumpFilter.js';
import { liftFilters } from '../../src/linux/process/liftFilters.js';
import { installFilter } from '../../src/linux/script.js';
import { spawn } from '../../src/linux/spawn.js';
import { comparePolicies } from '../../src/policy/compare.js';
import { decide } from '../../src/policy/decide.js';
import type { Policy } from '../../src/policy/policy.js';
import { stackPolicies } from '../../src/policy/stack.js';
import { describeWithOracle, isRoot } from '../oracle.js';
import { PATIENCE } from '../patience.js';
import { errno, filterOf, X86_64 } from './filters.js';

const lacks =
  process.platform !== 'linux' || process.arch !== 'x64' ? 'Linux on x86-64' : isRoot ? undefined : 'root';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that sleeps under a filter, and waits until it does. */
async function sleeper(
  filter: Program,
  command = 'sleep',
  options: SpawnOptions = {},
  ...args: string[]
): Promise<number> {
  const child = spawn(command, args.length === 0 ? ['60'] : args, { ...options, filter, stdio: 'ignore' });
  children.push(child);
  await becomes(child.pid ?? 0, command.startsWith('/') ? 'sleep' : command);
  return child.pid ?? 0;
}

function programs(pid: number): readonly Program[] {
  return dumpFilters(pid).filters.map(({ program }) => program);
}

async function becomes(pid: number, name: string): Promise<void> {
  for (;;) {
    if (readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name) return;
    await sleep(5);
  }
}

function field(pid: number, name: string): string | undefined {
  return new RegExp(`^${name}:\\t(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
}

function policyOf(program: Program): Policy {
  const lifted = lift(program);
  if (!lifted.ok) throw new Error(lifted.reason);
  return lifted.policy;
}

const SIMPLE = filterOf([
  { number: 39, action: errno(13), when: { index: 0, value: 7 } },
  { number: 83, action: errno(1) },
]);
const OTHER = filterOf([
  { number: 83, action: errno(38) },
  { number: 84, action: { kind: 'kill_process' } },
]);

describeWithOracle(lacks, 'filters of running processes', () => {
  test('the instructions come back as they were loaded', async () => {
    const pid = await sleeper(SIMPLE);
    const { mode, filters, name, differing } = dumpFilters(pid);
    expect({ mode, name, differing }).toEqual({ mode: 'filter', name: 'sleep', differing: [] });
    expect(filters.map(({ program }) => encode(program, 'little'))).toEqual([encode(SIMPLE, 'little')]);
    expect(filters[0]?.log).toBe(false);
    expect(field(pid, 'TracerPid')).toBe('0');
  });

  test('SECCOMP_FILTER_FLAG_LOG is told', async () => {
    const child = spawn('sleep', ['60'], { filter: SIMPLE, filterFlags: ['LOG'], stdio: 'ignore' });
    children.push(child);
    await becomes(child.pid ?? 0, 'sleep');
    expect(dumpFilters(child.pid ?? 0).filters.map(({ log }) => log)).toEqual([true]);
  });

  test.each(['docker@28.5.2', 'docker@20.10.9', 'podman@5.8.2'])(
    '%s: loaded, dumped and lifted it is the same policy',
    async (engine) => {
      const { context } = await resolveContext({ engine });
      const prediction = await predict(context);
      if (prediction.kind !== 'filter') throw new Error(prediction.kind);
      const pid = await sleeper(compile(prediction.policy, { nativeArch: X86_64 }));
      const { filters } = dumpFilters(pid);
      const lifted = liftFilters(
        filters.map(({ program }) => program),
        'x86_64',
        `pid:${pid}`,
      );
      expect(comparePolicies(lifted, prediction.policy)).toEqual([]);
    },
  );

  test('two stacked filters are told apart, the newest first, and combined by the kernel’s rule', async () => {
    // The command of the first launcher is a second one, with a filter of its own.
    const second = writeLauncher(
      launcher(hostMachine(), [installFilter(encode(OTHER, 'little'), 0)], 2).image,
    );
    try {
      const pid = await sleeper(SIMPLE, second.path, { argv0: '/bin/sleep' }, 'sleep', '60');
      const { filters } = dumpFilters(pid);
      expect(filters.map(({ program }) => encode(program, 'little'))).toEqual([
        encode(OTHER, 'little'),
        encode(SIMPLE, 'little'),
      ]);
      const lifted = liftFilters(programs(pid), 'x86_64', 'it');
      expect(comparePolicies(lifted, stackPolicies([policyOf(OTHER), policyOf(SIMPLE)]))).toEqual([]);
      // rmdir is 84, mkdir is 83: both deny it with ERRNO, so that the newest filter's errno counts.
      expect(decide(lifted, { auditArch: X86_64, number: 83, args: [] })).toEqual(errno(38));
    } finally {
      second.remove();
    }
  });

  test('no filter is no filter', () => {
    const child = spawnPlain('sleep', ['60'], { stdio: 'ignore' });
    children.push(child);
    expect(dumpFilters(child.pid ?? 0)).toMatchObject({ mode: 'none', filters: [] });
  });

  test('a stopped process stays stopped, and a signal that was on its way arrives', async () => {
    const pid = await sleeper(SIMPLE);
    process.kill(pid, 'SIGSTOP');
    await sleep(50);
    expect(dumpFilters(pid).filters.length).toBe(1);
    await sleep(20);
    expect(field(pid, 'State')).toMatch(/^T/);
    process.kill(pid, 'SIGCONT');
    const ended = new Promise((resolve) => children[0]?.once('exit', (_, signal) => resolve(signal)));
    process.kill(pid, 'SIGTERM');
    try {
      dumpFilters(pid);
    } catch {
      // It may have ended already.
    }
    expect(await ended).toBe('SIGTERM');
  });

  test('a thousand times in a row, while the process works', async () => {
    const pid = await sleeper(SIMPLE, 'sh', {}, '-c', 'while :; do :; done');
    const start = performance.now();
    for (let round = 0; round < 1000; round++) expect(dumpFilters(pid).filters.length).toBe(1);
    expect((performance.now() - start) / 1000).toBeLessThan(20 * PATIENCE);
    expect(field(pid, 'State')).toMatch(/^R/);
  });

  test.each([
    ['no such process', () => 0x7ffffffe, /there is no process/],
    ['a process under strace', () => 0, /is tracing it already/],
  ])('%s', async (what, find, message) => {
    let pid = find();
    if (pid === 0) {
      pid = await sleeper(SIMPLE);
      const tracer = spawnPlain('strace', ['-o', '/dev/null', '-p', String(pid)], { stdio: 'ignore' });
      children.push(tracer);
      while (field(pid, 'TracerPid') === '0') await sleep(5);
    }
    expect(() => dumpFilters(pid), what).toThrow(message);
  });
});
