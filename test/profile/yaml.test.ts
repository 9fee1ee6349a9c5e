import { describe, expect, it } from 'vitest';
import { type ReadOptions, readProfile } from '../../src/profile/read.js';
import { fixture } from './fixture.js';
import { refusal } from './refusal.js';

const HEAD = 'apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\n';
const read = (text: string, file = 'p.yaml', options?: ReadOptions) => readProfile(text, file, options);

describe('SeccompProfile of the Security Profiles Operator', () => {
  it('is picked among several documents, with its places', () => {
    const profile = readProfile(fixture('operator.yaml'), 'operator.yaml');
    expect(profile).toMatchObject({
      dialect: 'spo',
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64'],
      flags: ['SECCOMP_FILTER_FLAG_LOG'],
      rules: [
        { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
        { names: ['clone3'], errnoRet: 38, args: [{ index: 0, value: 2n ** 64n - 1n, op: 'SCMP_CMP_EQ' }] },
      ],
    });
    expect(profile.notes).toMatchObject([{ kind: 'base-profile', at: { line: 12, column: 20 } }]);
    expect(profile.locate(['syscalls', 0, 'names', 1])).toEqual({
      file: 'operator.yaml',
      line: 20,
      column: 11,
    });
    expect(profile.locate(['syscalls', 1, 'errnoRet'])).toMatchObject({ line: 22, column: 17 });
  });

  it('may be JSON', () => {
    const text = `{"apiVersion": "security-profiles-operator.x-k8s.io/v1beta1", "kind": "SeccompProfile",
      "spec": {"defaultAction": "SCMP_ACT_LOG", "syscalls": [{"names": ["a"], "errnoRet": "38"}]}}`;
    expect(read(text, 'p.json')).toMatchObject({
      dialect: 'spo',
      defaultAction: 'SCMP_ACT_LOG',
      rules: [{ errnoRet: 38 }],
    });
  });

  it('has exact keys', () => {
    const profile = read(`${HEAD}spec:\n  DefaultAction: x\n  syscalls: []\n`);
    expect(profile.defaultAction).toBe('');
    expect(profile.notes).toMatchObject([{ kind: 'unknown-field', at: { line: 4, column: 3 } }]);
  });

  it('says when it is disabled', () => {
    expect(read(`${HEAD}spec: {disabled: true}`).notes).toMatchObject([{ kind: 'disabled' }]);
  });

  it.each([
    [`${HEAD}`, '1:1 a SeccompProfile without a spec | spec: an object'],
    [`${HEAD}spec: 5`, '3:7 a SeccompProfile without a spec | spec: an object'],
    [`${HEAD}spec:\n  syscalls:\n  - names: read`, '5:12 unexpected string "read" | names: an array'],
    [`${HEAD}spec:\n  syscalls:\n  - names: [yes, 5]`, '5:18 unexpected number 5 | names[1]: a string'],
    [
      `${HEAD}spec:\n  defaultAction: a\n  defaultAction: b`,
      '5:3 the key "defaultAction" stands twice in one mapping',
    ],
    [`${HEAD}spec:\n  <<: {}`, '4:3 merge keys (<<) are not read'],
    [`${HEAD}spec:\n  [a]: b`, '4:3 a key that is not a word'],
    [`${HEAD}spec: {}\n---\n${HEAD}spec: {}`, '5:1 a second SeccompProfile in the same text'],
    ['apiVersion: v1\nkind: Pod', '2:7 a Kubernetes object of kind "Pod" | "SeccompProfile"'],
    ['', '1:1 the YAML text holds no document | a SeccompProfile'],
    ['# nothing\n---\n', '1:1 the YAML text holds no document | a SeccompProfile'],
    ['- a', '1:1 unexpected array | an object'],
  ])('refuses %j', (text, error) => {
    expect(refusal(() => read(text))).toBe(error);
  });
});

describe('YAML of Docker’s layout', () => {
  it('is read with a note', () => {
    const profile = read(
      'defaultAction: SCMP_ACT_ALLOW\nsyscalls:\n- names: [chmod]\n  action: SCMP_ACT_ERRNO\n',
    );
    expect(profile).toMatchObject({ dialect: 'docker', rules: [{ names: ['chmod'] }] });
    expect(profile.notes.map(({ kind }) => kind)).toEqual(['yaml']);
  });

  it.each([
    ['p.yml', undefined, 'defaultAction: x'],
    ['-', undefined, 'defaultAction: x'],
    ['-', undefined, '# c\ndefaultAction: x'],
    ['p.json', 'yaml', 'defaultAction: x'],
    ['p.yaml', undefined, '{"defaultAction": "x"}'],
    ['p.yaml', undefined, '\uFEFFdefaultAction: x'],
  ] as const)('is told from JSON (%s, %s): %j', (file, format, text) => {
    expect(read(text, file, format === undefined ? {} : { format }).defaultAction).toBe('x');
  });

  it('is not guessed for .json', () => {
    expect(refusal(() => read('defaultAction: x', 'p.json'))).toMatch(
      /^1:1 unexpected "defaultAction" \| a value/,
    );
  });
});

describe('anchors', () => {
  it('follows aliases to the last anchor before them', () => {
    const profile = read('x: [&n a, &n b]\nsyscalls:\n- names: &l [*n, c]\n- names: *l\n');
    expect(profile.rules.map(({ names }) => names)).toEqual([
      ['b', 'c'],
      ['b', 'c'],
    ]);
  });

  it.each([
    ['syscalls: *s', '1:11 the alias "*s" has no anchor before it'],
    ['syscalls: &s [*s]', '1:14 unexpected array | syscalls[0]: an object'],
    ['syscalls: &s [{names: *s}]', '1:15 unexpected object | names[0]: a string'],
    ['&a {syscalls: *a}', '1:4 unexpected object | syscalls: an array'],
  ])('refuses %s', (text, error) => {
    expect(refusal(() => read(text))).toBe(error);
  });

  it('reads a cycle that no field reaches', () => {
    expect(read('defaultAction: x\ny: &y [*y]').defaultAction).toBe('x');
  });

  it('bounds what aliases multiply', () => {
    const names = Array.from({ length: 1100 }, () => 'n').join(',');
    const rules = Array.from({ length: 1000 }, () => '*r').join(',');
    expect(refusal(() => read(`n: &n [${names}]\nr: &r {names: *n}\nsyscalls: [${rules}]`))).toMatch(
      /200000 elements/,
    );
  });
});

describe('YAML errors', () => {
  it.each([
    ['a: [1', '1:6'],
    ['a: "x', '1:6'],
    ['a: b: c', '1:4'],
    ['a:\n\t- b', '2:1'],
    ['a: !<x', '1:4'],
    ['a: }', '1:4'],
    ['%YAML 9.9\n---\n- &', '3:3'],
  ])('have a place: %j', (text, place) => {
    const error = refusal(() => read(text));
    expect(error).toMatch(/YAML: /);
    expect(error.split(' ')[0]).toBe(place);
  });
});
