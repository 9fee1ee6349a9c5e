import { describe, expect, it } from 'vitest';
import { type Restriction, restrict } from '../../src/record/argumentRules.js';
import { parseAskedArguments } from '../../src/record/argumentsAsked.js';
import type { RecordedCall } from '../../src/record/recording.js';
import { restrictionText } from '../../src/record/restrictionText.js';
import { constantValue } from '../../src/syscalls/constants.js';

const call = (...values: readonly Readonly<Record<number, bigint>>[]): RecordedCall => ({
  abi: 'x86_64',
  number: 0,
  count: values.length,
  args: values.map((each) => ({ values: each, count: 1 })),
});
const of = (...words: readonly string[]): bigint =>
  words.reduce((sum, word) => sum | (constantValue(word, 'x86_64') ?? BigInt(word)), 0n);
const words = (name: string, restriction: Restriction): readonly string[] | string =>
  restriction.kind === 'any'
    ? restriction.reason
    : restriction.alternatives.map((all) => restrictionText(name, 'x86_64', all));

describe('rules for recorded values', () => {
  it('compare numbers one by one, smaller ones first', () => {
    const restriction = restrict('socket', call({ 0: 10n }, { 0: 1n }));
    expect(restriction).toEqual({
      kind: 'restricted',
      alternatives: [
        [{ index: 0, value: 1n, valueTwo: 0n, op: 'SCMP_CMP_EQ' }],
        [{ index: 0, value: 10n, valueTwo: 0n, op: 'SCMP_CMP_EQ' }],
      ],
    });
    expect(words('socket', restriction)).toEqual(['family == AF_UNIX', 'family == AF_INET6']);
  });

  it('take any combination of the flags that were seen, and the number beside them as it is', () => {
    const fork = of('CLONE_CHILD_SETTID', 'CLONE_CHILD_CLEARTID', 'SIGCHLD');
    const spawn = of('CLONE_VM', 'CLONE_VFORK', 'SIGCHLD');
    const restriction = restrict('clone', call({ 0: fork }, { 0: spawn }));
    const flags = (fork | spawn) & ~0xffn;
    expect(restriction).toEqual({
      kind: 'restricted',
      alternatives: [[{ index: 0, value: 2n ** 64n - 1n - flags, valueTwo: 17n, op: 'SCMP_CMP_MASKED_EQ' }]],
    });
    expect(words('clone', restriction)).toEqual([
      'flags within CLONE_VM|CLONE_VFORK|CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD',
    ]);
  });

  it('keep values of one call together', () => {
    const restriction = restrict(
      'socket',
      call(
        { 0: 1n, 1: of('SOCK_STREAM', 'SOCK_CLOEXEC') },
        { 0: 1n, 1: of('SOCK_STREAM', 'SOCK_NONBLOCK') },
        { 0: 16n, 1: of('SOCK_RAW') },
      ),
    );
    expect(words('socket', restriction)).toEqual([
      'family == AF_UNIX && type within SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC',
      'family == AF_NETLINK && type == SOCK_RAW',
    ]);
  });

  it('look at the bits that the kernel reads where others may be set', () => {
    const expected = [{ index: 0, value: 0xffff_ffffn, valueTwo: 0xffff_ff9cn, op: 'SCMP_CMP_MASKED_EQ' }];
    for (const register of [0xffff_ff9cn, 2n ** 64n - 100n])
      expect(restrict('openat', call({ 0: register }))).toEqual({
        kind: 'restricted',
        alternatives: [expected],
      });
    expect(restrict('openat', call({ 0: 3n }))).toMatchObject({ alternatives: [[{ op: 'SCMP_CMP_EQ' }]] });
  });

  it('take all ones as a question, not as every flag', () => {
    expect(words('personality', restrict('personality', call({ 0: 0xffff_ffffn })))).toEqual([
      'personality == 0xffffffff',
    ]);
  });

  it('are not made of many values, of incomplete ones, and of none', () => {
    const many = call(...Array.from({ length: 17 }, (_, value) => ({ 1: BigInt(value) })));
    expect(words('ioctl', restrict('ioctl', many))).toMatch(/^17 different values/);
    expect(restrict('ioctl', { ...call({ 1: 1n }), argsIncomplete: true }).kind).toBe('any');
    const { args: _, ...bare } = call();
    expect(restrict('ioctl', bare).kind).toBe('any');
  });
});

describe('--args', () => {
  it('joins indices of one call', () => {
    expect([...parseAskedArguments('socket:1, socket:0,clone:0', 'x86_64')]).toEqual([
      ['socket', [0, 1]],
      ['clone', [0]],
    ]);
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ['socket', /CALL|index of its argument/],
    ['sokcet:0', /no system call is called sokcet/],
    ['socket:3', /no argument 3/],
    ['openat:1', /filename is an address/],
    ['read:1', /buf is an address/],
  ];
  for (const [text, message] of refused)
    it(`refuses ${text}`, () => expect(() => parseAskedArguments(text, 'x86_64')).toThrow(message));
});
