import { describe, expect, it } from 'vitest';
import { type ReadOptions, readProfile } from '../../src/profile/read.js';
import { refusal } from './refusal.js';

const read = (text: string, options?: ReadOptions) => readProfile(text, 'p.json', options);
const rule = (text: string) => read(`{"syscalls":[{${text}}]}`).rules[0];

/** Values that Go refuses for a field of its type. */
const REFUSED: readonly (readonly [text: string, error: string])[] = [
  ['[]', '1:1 unexpected array | an object'],
  ['"x"', '1:1 unexpected string "x" | an object'],
  ['{"defaultAction": 5}', '1:19 unexpected number 5 | defaultAction: a string'],
  ['{"defaultAction": true}', '1:19 unexpected true | defaultAction: a string'],
  [
    '{"defaultErrnoRet": "1"}',
    '1:21 unexpected string "1" | defaultErrnoRet: an integer from 0 to 9007199254740991',
  ],
  [
    '{"defaultErrnoRet": -1}',
    '1:21 unexpected number -1 | defaultErrnoRet: an integer from 0 to 9007199254740991',
  ],
  ['{"architectures": "x"}', '1:19 unexpected string "x" | architectures: an array'],
  ['{"architectures": ["x", 1]}', '1:25 unexpected number 1 | architectures[1]: a string'],
  ['{"archMap": {}}', '1:13 unexpected object | archMap: an array'],
  ['{"archMap": ["x"]}', '1:14 unexpected string "x" | archMap[0]: an object'],
  ['{"flags": [1]}', '1:12 unexpected number 1 | flags[0]: a string'],
  ['{"syscalls": {}}', '1:14 unexpected object | syscalls: an array'],
  ['{"syscalls": [null]}', '1:15 unexpected null | syscalls[0]: an object'],
  ['{"syscalls": [[]]}', '1:15 unexpected array | syscalls[0]: an object'],
  ['{"syscalls": [{"names": "x"}]}', '1:25 unexpected string "x" | names: an array'],
  ['{"syscalls": [{"includes": []}]}', '1:28 unexpected array | includes: an object'],
  ['{"syscalls": [{"includes": {"minKernel": 4.8}}]}', '1:42 unexpected number 4.8 | minKernel: a string'],
  ['{"syscalls": [{"comment": 1}]}', '1:27 unexpected number 1 | comment: a string'],
  ...['1.0', '1e3', '-0', '-1', '18446744073709551616', '"1"', 'true', '[]', '{}'].map(
    (value): readonly [string, string] => [
      `{"syscalls": [{"args": [{"value": ${value}}]}]}`,
      `1:35 unexpected ${
        value === '"1"'
          ? 'string "1"'
          : value === 'true'
            ? value
            : value === '[]'
              ? 'array'
              : value === '{}'
                ? 'object'
                : `number ${value}`
      } | value: an integer from 0 to 18446744073709551615`,
    ],
  ),
];

describe('values as in Go', () => {
  it.each(REFUSED)('refuses %s', (text, error) => {
    expect(refusal(() => read(text))).toBe(error);
  });

  it('names the first of several wrong values', () => {
    expect(refusal(() => read('{"flags": 1, "defaultAction": 2}'))).toMatch(/^1:11 .*flags/);
  });

  it('keeps all 64 bits', () => {
    expect(rule('"args": [{"value": 18446744073709551615, "valueTwo": 9007199254740993}]')?.args).toEqual([
      { index: 0, value: 2n ** 64n - 1n, valueTwo: 2n ** 53n + 1n, op: '' },
    ]);
  });

  it('takes null for the zero value', () => {
    const profile =
      read(`{"defaultAction": null, "defaultErrnoRet": null, "architectures": null, "archMap": [null],
      "flags": null, "syscalls": [{"names": [null, "a"], "action": null, "errnoRet": null, "args": [null], "includes": null}]}`);
    expect(profile).toMatchObject({
      defaultAction: '',
      architectures: [],
      archMap: [{ architecture: '', subArchitectures: [] }],
      rules: [{ names: ['', 'a'], action: '', args: [{ index: 0, value: 0n, valueTwo: 0n, op: '' }] }],
    });
    expect(profile).not.toHaveProperty('flags');
    expect(profile).not.toHaveProperty('defaultErrnoRet');
    expect(profile.rules[0]).not.toHaveProperty('errnoRet');
    expect(profile.notes).toEqual([]);
  });

  it('tells absent flags from empty ones', () => {
    expect(read('{"flags": []}').flags).toEqual([]);
    expect(read('{}').flags).toBeUndefined();
  });

  it('reads a text that is only null', () => {
    const profile = read('null');
    expect(profile.defaultAction).toBe('');
    expect(profile.notes.map(({ kind }) => kind)).toEqual(['empty']);
  });
});

describe('keys as in Go', () => {
  it.each(['DEFAULTACTION', 'defaultaction', 'DefaultAction', 'defaultAct\\u0069on'])('matches %s', (key) => {
    expect(read(`{"${key}": "x"}`).defaultAction).toBe('x');
  });

  it.each(['ſyscalls', 'ſYſCALLS'])('folds the long s in %s', (key) => {
    expect(read(`{"${key}": [{}]}`).rules).toHaveLength(1);
  });

  it.each(['default_action', 'defaultActıon', ' defaultAction', 'defaultAction '])(
    'does not match %j',
    (key) => {
      const { defaultAction, notes } = read(`{"${key}": "x"}`);
      expect(defaultAction).toBe('');
      expect(notes[0]).toMatchObject({
        kind: 'unknown-field',
        text: expect.stringContaining('"defaultAction"?'),
      });
    },
  );

  it.each([
    ['{"defaultAction": "a", "DEFAULTACTION": "b"}', 'b'],
    ['{"DEFAULTACTION": "b", "defaultAction": "a"}', 'a'],
    ['{"defaultAction": "a", "defaultAction": null}', 'a'],
  ])('lets the last spelling win: %s', (text, action) => {
    const { defaultAction, notes } = read(text);
    expect(defaultAction).toBe(action);
    expect(notes.map(({ kind }) => kind)).toContain('duplicate-key');
  });

  it('notes unknown fields and other case with their places', () => {
    const { notes } = read('{\n "x": {"deep": [1]},\n "Syscalls": [{"name": "a", "nmaes": []}]}');
    expect(notes.map(({ kind, at }) => `${kind} ${at?.line}:${at?.column}`)).toEqual([
      'unknown-field 2:2',
      'key-case 3:2',
      'unknown-field 3:29',
    ]);
    expect(notes[2]?.text).toContain('did you mean "names"?');
  });

  it('does not take keys of Object.prototype for fields', () => {
    const { notes, locate } = read('{"__proto__": {"defaultAction": "x"}, "constructor": 1, "toString": 1}');
    expect(notes.map(({ kind }) => kind)).toEqual(['unknown-field', 'unknown-field', 'unknown-field']);
    expect(locate(['toString'])).toBeUndefined();
  });
});

describe('repeated keys as in Go', () => {
  it('merges the elements of a second list into those of the first', () => {
    const { rules } =
      read(`{"syscalls": [{"names": ["a"], "action": "A", "errnoRet": 5}, {"names": ["b"], "action": "B"}],
      "syscalls": [{"action": "C"}]}`);
    expect(rules).toMatchObject([{ names: ['a'], action: 'C', errnoRet: 5 }]);
  });

  it('finds what an earlier, longer list left behind its end', () => {
    const { rules } = read(
      `{"syscalls": [{"name": "a"}, {"name": "b"}], "syscalls": [{}], "syscalls": [{}, {}, {}]}`,
    );
    expect(rules.map(({ name }) => name)).toEqual(['a', 'b', undefined]);
  });

  it.each(['[]', 'null'])('starts afresh after %s', (reset) => {
    const { rules } = read(`{"syscalls": [{"name": "a"}], "syscalls": ${reset}, "syscalls": [{}]}`);
    expect(rules.map(({ name }) => name)).toEqual([undefined]);
  });

  it('merges structs, replaces strings in lists, and lets null drop a pointer', () => {
    expect(
      rule('"includes": {"caps": ["A", "B"]}, "includes": {"arches": ["x86"], "caps": ["C"]}')?.includes,
    ).toEqual({
      caps: ['C'],
      arches: ['x86'],
    });
    expect(rule('"includes": {"caps": ["A"]}, "includes": null')?.includes.caps).toEqual([]);
    expect(rule('"errnoRet": 5, "errnoRet": null')).not.toHaveProperty('errnoRet');
    expect(rule('"names": ["a", "b"], "names": [null]')?.names).toEqual(['a']);
  });

  it('gives the places of what counts', () => {
    const { locate } = read('{"syscalls": [{"name": "a", "action": "A"}],\n "syscalls": [{"action": "B"}]}');
    expect(locate(['syscalls', 0, 'action'])).toMatchObject({ line: 2, column: 26 });
    expect(locate(['syscalls', 0, 'name'])).toMatchObject({ line: 1, column: 24 });
  });
});

describe('fields of one engine only', () => {
  it('reads containers/common’s errno names', () => {
    const profile = read('{"defaultErrno": "ENOSYS", "syscalls": [{"errno": "EPERM"}]}');
    expect(profile).toMatchObject({ defaultErrno: 'ENOSYS', rules: [{ errno: 'EPERM' }] });
  });

  it('notes, not refuses, a type that only they refuse', () => {
    const { notes } = read('{"syscalls": [{"errno": 38}]}');
    expect(notes).toMatchObject([{ kind: 'wrong-type', at: { line: 1, column: 25 } }]);
  });

  it('knows no Docker fields in the OCI dialect', () => {
    const profile = read('{"archMap": 1, "syscalls": [{"name": "a", "includes": 5, "names": ["b"]}, null]}', {
      dialect: 'oci',
    });
    expect(profile.dialect).toBe('oci');
    expect(profile.rules.map(({ name, names }) => [name, names])).toEqual([
      [undefined, ['b']],
      [undefined, []],
    ]);
    expect(profile.notes.map(({ kind }) => kind)).toEqual([
      'unknown-field',
      'unknown-field',
      'unknown-field',
    ]);
  });
});
