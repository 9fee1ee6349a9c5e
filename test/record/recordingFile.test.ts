import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallgateError } from '../../src/error.js';
import { isRecording, readRecording, writeRecording } from '../../src/record/recordingFile.js';
import { mergeRuns, type Runs, singleRun } from '../../src/record/runs.js';
import { createTally } from '../../src/record/tally.js';

const count = fc.nat(1_000_000);
const values = fc.dictionary(fc.constantFrom('0', '1', '5'), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), {
  minKeys: 1,
});
const runs: fc.Arbitrary<Runs> = fc.record({
  arch: fc.constantFrom('x86_64' as const, 'aarch64' as const),
  runs: fc.array(
    fc.record({
      recorder: fc.constantFrom('ebpf' as const, 'strace' as const),
      command: fc.array(fc.string()),
      exit: fc.nat(255),
      calls: count,
      lost: count,
    }),
  ),
  calls: fc.array(
    fc.record(
      {
        abi: fc.constantFrom('x86_64' as const, 'x86' as const),
        number: fc.nat(500),
        count,
        args: fc.array(fc.record({ values, count })),
        argsIncomplete: fc.constant(true),
      },
      { requiredKeys: ['abi', 'number', 'count'] },
    ),
  ),
});

describe('a recording in a file', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(runs, (one) => {
        const text = writeRecording(one);
        expect(isRecording(text.slice(0, 200))).toBe(true);
        expect(JSON.stringify(readRecording(text, 'x'), bigints)).toBe(JSON.stringify(one, bigints));
      }),
    );
  });

  const good = writeRecording(singleRun('x86_64', { recorder: 'ebpf', calls: [], lost: 0 }, {}));
  const bad: readonly (readonly [string, string])[] = [
    ['no JSON', '{'],
    ['something else', '{"defaultAction": "SCMP_ACT_ALLOW"}'],
    ['another version', good.replace('"callgateRecording": 1', '"callgateRecording": 2')],
    ['an unknown architecture', good.replace('x86_64', 'pdp11')],
    ['an unknown recorder', good.replace('ebpf', 'guess')],
    [
      'calls that are none',
      good.replace('"calls": []', '"calls": [{"abi": "x86_64", "number": -1, "count": 1}]'),
    ],
    [
      'registers that are none',
      good.replace(
        '"calls": []',
        '"calls": [{"abi":"x86_64","number":1,"count":1,"args":[{"values":{"6":"0x1"},"count":1}]}]',
      ),
    ],
  ];
  for (const [title, text] of bad)
    it(`is refused with ${title}`, () => expect(() => readRecording(text, 'web.rec')).toThrow(CallgateError));
});

describe('runs together', () => {
  const run = (...calls: Runs['calls']): Runs =>
    singleRun('x86_64', { recorder: 'ebpf', calls, lost: 1 }, {});
  const socket = { abi: 'x86_64', number: 41, count: 1 } as const;
  const unix = { ...socket, args: [{ values: { 0: 1n }, count: 1 }] };
  const inet = { ...socket, args: [{ values: { 0: 2n }, count: 1 }] };

  it('have the calls of all of them, and their values', () => {
    const { calls, runs: headers } = mergeRuns(
      run(unix),
      run(inet, { abi: 'x86_64', number: 0, count: 3 }),
      run(unix),
    );
    expect(headers).toHaveLength(3);
    expect(calls).toEqual([
      { abi: 'x86_64', number: 0, count: 3 },
      {
        ...socket,
        count: 3,
        args: [
          { values: { 0: 1n }, count: 2 },
          { values: { 0: 2n }, count: 1 },
        ],
      },
    ]);
  });

  it('do not know a call’s values when one of them does not', () => {
    for (const order of [
      [run(unix), run(socket)],
      [run(socket), run(unix)],
    ] as const) {
      const [call] = mergeRuns(...order).calls;
      expect(call).toEqual({ ...socket, count: 2, argsIncomplete: true });
    }
  });

  it('are bounded in kinds and in values', () => {
    const tally = createTally();
    let kept = 0;
    for (let number = 0; number < 10_000; number++) if (tally.add('x86_64', number)) kept++;
    expect(kept).toBe(4096);
    for (let value = 0n; value < 1000n; value++)
      tally.merge({ ...socket, args: [{ values: { 0: value }, count: 1 }] });
    expect(tally.calls()).toHaveLength(4096);
    const other = createTally();
    for (let value = 0n; value < 1000n; value++) other.add('x86_64', 41, { 0: value });
    expect(other.calls()[0]).toMatchObject({ count: 1000, argsIncomplete: true });
    expect(other.calls()[0]?.args).toHaveLength(256);
  });
});

const bigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
