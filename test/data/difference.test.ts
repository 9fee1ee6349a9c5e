import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalProfile, canonicalRaw, digest } from '../../scripts/profiles/canonical.js';
import { difference, editScript, storeAll } from '../../scripts/profiles/difference.js';
import type { RawProfile, RawRule } from '../../scripts/profiles/rawProfile.js';
import { toStored } from '../../scripts/profiles/store.js';
import { expandStored, toProfile } from '../../src/engine/expandProfile.js';

const oneOf = (...words: readonly string[]) => fc.constantFrom(...words);
const names = fc.array(oneOf('read', 'write', 'open', 'close', 'clone', 'clone3'), { maxLength: 12 });
const condition = fc.record(
  {
    caps: fc.array(oneOf('CAP_SYS_ADMIN', 'CAP_BPF'), { maxLength: 2 }),
    arches: fc.option(fc.array(oneOf('amd64', 's390x'), { maxLength: 1 })),
    minKernel: oneOf('4.8'),
  },
  { requiredKeys: [] },
);
const common = {
  action: oneOf('SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO'),
  errnoRet: fc.constantFrom(1, 38),
  errno: oneOf('ENOSYS'),
  args: fc.option(
    fc.array(
      fc.record(
        {
          index: fc.nat(5),
          value: fc.nat(0xffffffff),
          valueTwo: fc.nat(4),
          op: oneOf('SCMP_CMP_EQ', 'SCMP_CMP_MASKED_EQ'),
        },
        { requiredKeys: ['index', 'value', 'op'] },
      ),
      { maxLength: 2 },
    ),
  ),
  includes: fc.option(condition),
  excludes: condition,
};
const rule: fc.Arbitrary<RawRule> = fc.oneof(
  fc.record({ names, ...common }, { requiredKeys: ['names', 'action'] }),
  fc.record({ name: oneOf('read', 'write'), ...common }, { requiredKeys: ['name', 'action'] }),
) as fc.Arbitrary<RawRule>;
const profile: fc.Arbitrary<RawProfile> = fc.record(
  {
    defaultAction: oneOf('SCMP_ACT_ERRNO'),
    defaultErrnoRet: fc.constantFrom(1, 38),
    defaultErrno: oneOf('ENOSYS'),
    architectures: fc.option(fc.array(oneOf('SCMP_ARCH_X86_64'), { maxLength: 1 })),
    archMap: fc.array(
      fc.record({
        architecture: oneOf('SCMP_ARCH_X86_64', 'SCMP_ARCH_S390X'),
        subArchitectures: fc.option(fc.array(oneOf('SCMP_ARCH_X86'), { maxLength: 1 })),
      }),
      { maxLength: 2 },
    ),
    syscalls: fc.array(rule, { maxLength: 8 }),
  },
  { requiredKeys: ['defaultAction', 'syscalls'] },
) as fc.Arbitrary<RawProfile>;

describe('the stored form', () => {
  it('gives back what any list of profiles says, in its order', () => {
    fc.assert(
      fc.property(fc.array(profile, { minLength: 1, maxLength: 4 }), (raws) => {
        const full = new Map(raws.map((raw, index) => [`p${index}`, toStored(raw)]));
        const stored = JSON.parse(JSON.stringify(storeAll(full)));
        raws.forEach((raw, index) => {
          const expanded = toProfile(expandStored(stored, `p${index}`), 'test');
          expect(canonicalProfile(expanded)).toBe(canonicalRaw(raw));
        });
      }),
      { numRuns: 300 },
    );
  });

  it('says a small change in a few words', () => {
    const base: RawProfile = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [
        { names: ['accept', 'bind', 'clone', 'dup', 'exit', 'fork', 'read'], action: 'SCMP_ACT_ALLOW' },
        { names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
      ],
    };
    const next: RawProfile = {
      ...base,
      syscalls: [
        { names: ['accept', 'bind', 'clone', 'clone3', 'dup', 'exit', 'read'], action: 'SCMP_ACT_ALLOW' },
        { names: ['mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
        { names: ['bpf'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
      ],
    };
    expect(difference('base', toStored(base), toStored(next))).toEqual({
      base: 'base',
      rules: [
        {
          edit: 0,
          names: [
            [3, [], ['clone3']],
            [5, ['fork'], []],
          ],
        },
        { keep: [1, 1] },
        { names: ['bpf'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
      ],
    });
  });

  it('notices data that does not fit its base', () => {
    const stored = {
      a: {
        head: { defaultAction: 'SCMP_ACT_ERRNO' },
        rules: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
      },
      b: { base: 'a', rules: [{ edit: 0, names: [[0, ['write'], []]] as const }] },
    };
    expect(() => expandStored(stored, 'b')).toThrow('an edit removes "write"');
    expect(() => expandStored(stored, 'c')).toThrow('no profile "c"');
  });
});

describe('editScript', () => {
  it('turns any list into any other', () => {
    fc.assert(
      fc.property(names, names, (from, to) => {
        const stored = {
          a: { head: { defaultAction: '' }, rules: [{ names: from, action: '' }] },
          b: { base: 'a', rules: [{ edit: 0, names: editScript(from, to) }] },
        };
        expect(expandStored(stored, 'b').rules[0]?.names).toEqual(to);
      }),
    );
  });
});

it('a digest sees every part of a profile, and no comment', () => {
  const base = { defaultAction: 'A', syscalls: [{ names: ['read', 'write'], action: 'B' }] } as const;
  const sum = digest(canonicalRaw(base));
  const rule = base.syscalls[0];
  const different: readonly RawProfile[] = [
    { ...base, defaultAction: 'C' },
    { ...base, defaultErrnoRet: 1 },
    { ...base, defaultErrno: 'EPERM' },
    { ...base, architectures: ['X'] },
    { ...base, archMap: [{ architecture: 'X', subArchitectures: [] }] },
    { ...base, syscalls: [{ ...rule, names: ['write', 'read'] }] },
    { ...base, syscalls: [{ ...rule, errnoRet: 1 }] },
    { ...base, syscalls: [{ ...rule, args: [{ index: 0, value: 1, op: 'EQ' }] }] },
    { ...base, syscalls: [{ ...rule, includes: { caps: ['C'] } }] },
    { ...base, syscalls: [{ ...rule, excludes: { minKernel: '4.8' } }] },
    { ...base, syscalls: [rule, rule] },
  ];
  expect(different.filter((raw) => digest(canonicalRaw(raw)) === sum)).toEqual([]);
  const commented = { ...base, syscalls: [{ ...rule, comment: 'why', args: null, includes: {} }] };
  expect(digest(canonicalRaw(commented))).toBe(sum);
});
