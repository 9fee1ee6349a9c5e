import { beforeAll, describe, expect, it } from 'vitest';
import { resolveContext } from '../../../src/engine/resolveContext.js';
import { type FilterPrediction, predict } from '../../../src/explain/predict.js';
import { type Cause, causesOf } from '../../../src/explain/report/causes.js';
import type { Ending, ObservedDenial } from '../../../src/explain/report/observed.js';
import { reportOf } from '../../../src/explain/report/report.js';
import { denied } from './observations.js';

const NEWUSER = 0x10000000n;
const OK: Ending = { exitCode: 0, signal: undefined };
const FAILED: Ending = { exitCode: 1, signal: undefined };
const SEGV: Ending = { exitCode: 139, signal: 'SIGSEGV' };
const SIGSYS: Ending = { exitCode: 159, signal: 'SIGSYS' };

const predictions = new Map<string, FilterPrediction>();
async function like(version: string): Promise<FilterPrediction> {
  const { context } = await resolveContext({ engine: `docker@${version}`, arch: 'amd64', kernel: '6.6' });
  const found = await predict(context);
  if (found.kind !== 'filter') throw new Error(found.kind);
  return found;
}
beforeAll(async () => {
  for (const version of ['20.10.9', '28.5.2']) predictions.set(version, await like(version));
});

function causes(
  denials: readonly ObservedDenial[],
  ending: Ending | undefined,
  version = '28.5.2',
  unlisted = 0,
): readonly Cause[] {
  const prediction = predictions.get(version);
  if (prediction === undefined) throw new Error(version);
  return causesOf({ denials, unlisted, ending }, prediction.policy, prediction);
}

describe('what belongs to one cause', () => {
  it.each<[string, readonly ObservedDenial[], readonly (readonly [calls: string, count: number])[]]>([
    ['nothing', [], []],
    ['one call', [denied('unshare', [NEWUSER])], [['unshare', 1]]],
    [
      'calls of one rule that needs one capability',
      [denied('get_mempolicy', [], { count: 2 }), denied('mbind', [], { firstPlace: 2, count: 3 })],
      [['mbind get_mempolicy', 5]],
    ],
    [
      'kinds of one call',
      [denied('unshare', [NEWUSER]), denied('unshare', [0x20000n], { firstPlace: 1 })],
      [['unshare', 2]],
    ],
    [
      'two rules',
      [denied('get_mempolicy'), denied('unshare', [NEWUSER], { firstPlace: 1 })],
      [
        ['unshare', 1],
        ['get_mempolicy', 1],
      ],
    ],
    [
      'calls that no rule names',
      [denied('kexec_load'), denied('swapon', [], { firstPlace: 1 })],
      [['kexec_load swapon', 2]],
    ],
    [
      'a number without a name is answered by the runtime’s stub, not by the default',
      [denied(0x3e7), denied('swapon', [], { firstPlace: 1 })],
      [
        ['swapon', 1],
        ['syscall_0x3e7', 1],
      ],
    ],
  ])('%s', (_, denials, expected) => {
    expect(causes(denials, FAILED).map(({ syscalls, count }) => [syscalls.join(' '), count])).toEqual(
      expected,
    );
  });

  it('a filter without a profile has causes without a rule', () => {
    const prediction = predictions.get('28.5.2');
    if (prediction === undefined) throw new Error('28.5.2');
    const observation = { denials: [denied('unshare', [NEWUSER])], unlisted: 0, ending: FAILED };
    const [cause] = causesOf(observation, prediction.policy);
    expect(cause).toMatchObject({ syscalls: ['unshare'], verdict: { errno: 'EPERM' } });
    expect(cause?.rule).toBeUndefined();
  });

  it('keeps the arguments that choose what a call does, and leaves out pointers', () => {
    const [cause] = causes([denied('get_mempolicy', [0x7fffn, 0x5555n, 0x401n, 0n, 1n])], OK);
    expect(cause?.calls.map(({ args }) => args)).toEqual([
      [undefined, undefined, undefined, undefined, 1n, undefined],
    ]);
  });
});

describe('whether it mattered', () => {
  const two = [denied('get_mempolicy'), denied('unshare', [NEWUSER], { firstPlace: 1, pid: 43 })];
  it.each<[string, readonly ObservedDenial[], Ending | undefined, string, string, RegExp]>([
    [
      'the last before a failure',
      [denied('unshare')],
      FAILED,
      'unshare',
      'last',
      /^the last denied call before the command ended with 1$/,
    ],
    ['the last before a signal', [denied('unshare')], SEGV, 'unshare', 'last', /was ended by SIGSEGV$/],
    ['the command ended well', [denied('unshare')], OK, 'unshare', 'went-on', /ended with 0$/],
    [
      'others were denied after it, to another process',
      two,
      FAILED,
      'get_mempolicy',
      'unknown',
      /^what its caller made of it was not seen; the command ended with 1 later$/,
    ],
    [
      'others were denied after it, to the same process',
      [denied('get_mempolicy'), denied('unshare', [], { firstPlace: 1 })],
      FAILED,
      'get_mempolicy',
      'went-on',
      /^its caller \(process 42\) went on to other denied calls/,
    ],
    [
      'an unknown process is never the same one',
      [denied('get_mempolicy', [], { pid: 0 }), denied('unshare', [], { firstPlace: 1, pid: 0 })],
      FAILED,
      'get_mempolicy',
      'unknown',
      /not seen/,
    ],
    [
      'SIGSYS is another rule’s doing',
      [denied('unshare')],
      SIGSYS,
      'unshare',
      'unknown',
      /was ended by SIGSYS later$/,
    ],
    [
      'nobody knows how it ended',
      [denied('unshare')],
      undefined,
      'unshare',
      'unknown',
      /whether the command still runs is not known$/,
    ],
    [
      'the library takes another way',
      [denied('clone3')],
      OK,
      'clone3',
      'falls-back',
      /take another way; the command went on and ended with 0$/,
    ],
    [
      'it takes another way and that is the last thing seen',
      [denied('clone3')],
      FAILED,
      'clone3',
      'last',
      /ended with 1$/,
    ],
  ])('%s', (_, denials, ending, syscall, kind, text) => {
    const cause = causes(denials, ending).find(({ syscalls }) => syscalls.includes(syscall));
    expect(cause?.impact).toEqual({ kind, text: expect.stringMatching(text) });
  });

  it('no listed call is the last one when unlisted calls were denied too', () => {
    expect(causes([denied('unshare')], FAILED, '28.5.2', 1)[0]?.impact.kind).toBe('unknown');
  });

  it('says what libraries do with this very errno', () => {
    const reaction = (version: string): string | undefined =>
      causes([denied('clone3')], FAILED, version)[0]?.reactions[0]?.text;
    expect(reaction('28.5.2')).toMatch(/^glibc ≥ 2\.34 .* takes clone instead$/);
    expect(reaction('20.10.9')).toMatch(/^glibc ≥ 2\.34 .* gives up/);
  });

  it('comes first when it may have ended the command, and last when it is harmless', () => {
    const denials = [
      denied('clone3', [], { count: 9 }),
      denied('get_mempolicy', [], { firstPlace: 9, pid: 43 }),
      denied('mount', [], { firstPlace: 10, pid: 44 }),
    ];
    expect(causes(denials, FAILED).map(({ impact }) => impact.kind)).toEqual([
      'last',
      'unknown',
      'falls-back',
    ]);
  });
});

describe('the remedy', () => {
  const report = async (denials: readonly ObservedDenial[], version: string) => {
    const prediction = predictions.get(version);
    if (prediction === undefined) throw new Error(version);
    const about = { command: ['program'], context: [], notes: [] };
    return reportOf({ denials, unlisted: 0, ending: FAILED }, about, prediction.policy, prediction);
  };

  it('is the one that opens least', async () => {
    const { causes: found } = await report([denied('clone3')], '20.10.9');
    expect(found[0]?.remedy).toMatchObject({
      kind: 'engine',
      title: expect.stringContaining('20.10.10'),
      opens: { count: 0 },
    });
  });

  it('covers all calls of a cause', async () => {
    const { causes: found, total } = await report(
      [denied('mbind'), denied('set_mempolicy', [], { firstPlace: 1 })],
      '28.5.2',
    );
    expect(total).toBe(2);
    expect(found).toHaveLength(1);
    expect(found[0]?.remedy?.opens.calls).toEqual(['mbind', 'set_mempolicy']);
  });

  it('is not looked for where callers take another way', async () => {
    const harmless = [denied('clone3'), denied('unshare', [NEWUSER], { firstPlace: 1 })];
    const { causes: found } = await report(harmless, '28.5.2');
    expect(found.map(({ remedy }) => remedy === undefined)).toEqual([false, true]);
  });
});
