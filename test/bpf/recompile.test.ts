import fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from '../../src/bpf/check.js';
import { compile } from '../../src/bpf/compile.js';
import { OP } from '../../src/bpf/instruction.js';
import { prepare } from '../../src/bpf/interpret.js';
import { lift } from '../../src/bpf/lift.js';
import { dataWords } from '../../src/bpf/seccompData.js';
import { fromReturnValue, toReturnValue } from '../../src/policy/action.js';
import { describeWithOracle } from '../oracle.js';
import { boundaryCalls, sampler } from './arbitrary.js';
import { askKernel, lacksKernel } from './kernelAccepts.js';
import { programs, sampledCalls } from './randomPrograms.js';

describeWithOracle(lacksKernel, 'lift and compile', () => {
  test('2,000 random programs that the kernel takes come back as equal ones, or not at all', {
    timeout: 240_000,
  }, async ({ annotate }) => {
    const drawn = fc.sample(programs, { seed: 2000, numRuns: 6000 });
    const verdicts = askKernel(drawn);
    if (typeof verdicts === 'string') return expect.fail(verdicts);
    const taken = drawn.filter((_, index) => verdicts[index] === true).slice(0, 2000);
    expect(taken).toHaveLength(2000);
    let [decided, calls] = [0, 0];
    const undecided = new Map<string, number>();
    const opcodes = new Set<number>();
    for (const [index, program] of taken.entries()) {
      expect(check(program).ok).toBe(true);
      const lifted = lift(program);
      if (!lifted.ok) {
        undecided.set(lifted.reason, (undecided.get(lifted.reason) ?? 0) + 1);
        continue;
      }
      decided++;
      for (const { code } of program) opcodes.add(code);
      const [before, after] = [prepare(program), prepare(compile(lifted.policy))];
      const pick = sampler(index + 1);
      for (const call of [...sampledCalls(program, pick), ...boundaryCalls(lifted.policy, 8, pick)]) {
        calls++;
        const data = dataWords(call);
        // A policy has no data for ALLOW and the like, which the kernel ignores as well.
        const [want, got] = [before, after].map((machine) =>
          toReturnValue(fromReturnValue(machine.run(data))),
        );
        if (want !== got)
          expect.fail(`program ${index}: ${got} for ${want} at ${call.number} [${call.args}]`);
      }
    }
    const rest = [...undecided].map(([reason, count]) => `${count}: ${reason}`);
    await annotate(
      `${decided} exact, compared by ${calls} calls; no policy says the others: ${rest.join('; ')}`,
    );
    expect(decided).toBeGreaterThan(1000);
    // Every opcode stands in some program whose policy is exact.
    expect(opcodes.size).toBe(Object.keys(OP).length);
  });
});
