import { describe, expect, test } from 'vitest';
import { check } from '../../src/bpf/check.js';
import { compile } from '../../src/bpf/compile.js';
import type { Program } from '../../src/bpf/instruction.js';
import { prepare } from '../../src/bpf/interpret.js';
import { dataWords } from '../../src/bpf/seccompData.js';
import { statistics } from '../../src/bpf/statistics.js';
import { toReturnValue } from '../../src/policy/action.js';
import { decide } from '../../src/policy/decide.js';
import type { Policy } from '../../src/policy/policy.js';
import { abi, abis } from '../../src/syscalls/abis.js';
import { syscallNumber, syscallsOf } from '../../src/syscalls/table.js';
import { boundaryCalls, sampler } from './arbitrary.js';
import { defaultPolicy, denyListPolicy } from './realPolicies.js';

function expectSame(policy: Policy): void {
  const machine = prepare(compile(policy));
  for (const call of boundaryCalls(policy, 200, sampler(1))) {
    expect(machine.run(dataWords(call))).toBe(toReturnValue(decide(policy, call)));
  }
}

/** Over all numbers up to the last one that has a call, those without one included. */
function meanOfNumbers(program: Program): number {
  const machine = prepare(program);
  const last = Math.max(...syscallsOf('x86_64').map(({ number }) => number));
  let sum = 0;
  for (let number = 0; number <= last; number++) {
    machine.run(dataWords({ number, auditArch: abi('x86_64').auditArch }));
    sum += machine.executed();
  }
  return sum / (last + 1);
}

describe('default profiles', () => {
  test('Docker 28.2.0, x86_64 only: at most 82 instructions', async () => {
    const policy = await defaultPolicy('docker@28.2.0', 'SCMP_ARCH_X86_64');
    const { instructions, meanExecuted, worstExecuted } = statistics(compile(policy), 'x86_64');
    expect(instructions).toBeLessThanOrEqual(82);
    expect(meanExecuted).toBeLessThan(9.6);
    expect(meanOfNumbers(compile(policy))).toBeLessThan(9.1);
    expect(worstExecuted).toBeLessThanOrEqual(25);
    expectSame(policy);
  });

  test('Docker 28.2.0 as it is, with x86 and x32: at most 280', async () => {
    const policy = await defaultPolicy('docker@28.2.0');
    const program = compile(policy);
    expect(program.length).toBeLessThanOrEqual(280);
    for (const name of ['x86_64', 'x86', 'x32'] as const) {
      expect(statistics(program, name).worstExecuted, name).toBeLessThanOrEqual(25);
    }
    expectSame(policy);
  });

  test.each(['docker@20.10.9', 'docker@29.4.3', 'podman', 'containerd', 'cri-o'])('%s', async (engine) => {
    expectSame(await defaultPolicy(engine));
  });
});

describe('a deny-list of 25 names for 14 architectures', () => {
  const policy = denyListPolicy();

  test('compiles, and the kernel’s rules accept it', () => {
    const program = compile(policy);
    expect(check(program)).toEqual({ ok: true });
    expect(policy.sections.length).toBeGreaterThanOrEqual(12);
    expectSame(policy);
  });

  test('denies unshare and allows clone3 on each of them', () => {
    const machine = prepare(compile(policy));
    for (const { auditArch } of policy.sections) {
      const rows = abis.filter((row) => row.auditArch === auditArch);
      expect(rows.length).toBeGreaterThan(0);
      for (const { name } of rows) {
        const ask = (call: string) => {
          const number = syscallNumber(call, name);
          if (number === undefined) return expect.fail(`${call} on ${name}`);
          return machine.run(dataWords({ number, auditArch: abi(name).auditArch }));
        };
        expect([name, ask('unshare')]).toEqual([name, 0x00050001]);
        expect([name, ask('read')]).toEqual([name, 0x7fff0000]);
      }
    }
  });
});
