import { describe, expect, test } from 'vitest';
import { placeAt } from '../../src/editor/place.js';

/** The caret is the bar. */
function place(marked: string) {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  const found = placeAt(text, offset);
  return found === undefined
    ? undefined
    : [found.kind, found.keys.join('.'), text.slice(found.from, found.to), found.quoted];
}

describe('where in JSON', () => {
  test.each([
    ['{"|"}', ['key', '', '', true]],
    ['{"def|', ['key', '', 'def', true]],
    ['{"def|"}', ['key', '', 'def', true]],
    ['{"defaultAction": "SCMP|_ACT_ALLOW"}', ['value', 'defaultAction', 'SCMP_ACT_ALLOW', true]],
    ['{"defaultAction": "|', ['value', 'defaultAction', '', true]],
    ['{"defaultAction": |', ['value', 'defaultAction', '', false]],
    ['{"defaultAction": "x", |', ['key', '', '', false]],
    ['{"syscalls": [{"names": ["clone", "cl|', ['value', 'syscalls.names', 'cl', true]],
    ['{"syscalls": [{"names": [|]}]}', ['value', 'syscalls.names', '', false]],
    ['{"syscalls": [{"names": ["clone"], "|', ['key', 'syscalls', '', true]],
    ['{"syscalls": [{"args": [{"op": "S|"}]}]}', ['value', 'syscalls.args.op', 'S', true]],
    ['{"syscalls": [{"args": []}, {"includes": {"c|', ['key', 'syscalls.includes', 'c', true]],
    ['{"linux": {"seccomp": {"de|', ['key', 'linux.seccomp', 'de', true]],
    ['{"a": "x\\"y|"}', ['value', 'a', 'x\\"y', true]],
    ['{ // "names": [|\n}', undefined],
    ['{"names": ["a" /* "|" */]}', undefined],
    ['{"defaultAction"|: "x"}', undefined],
  ] as const)('%s', (marked, expected) => expect(place(marked)).toEqual(expected));
});

const SPO = `apiVersion: security-profiles-operator.x-k8s.io/v1beta1
kind: SeccompProfile
spec:
  defaultAction: SCMP_ACT_ERRNO
  syscalls:
`;

describe('where in YAML', () => {
  test.each([
    ['def|', ['key', '', 'def', false]],
    ['defaultAction: SCMP|', ['value', 'defaultAction', 'SCMP', false]],
    ['defaultAction: "SC|', ['value', 'defaultAction', 'SC', true]],
    [`${SPO}    - names: [clone, cl|one3]`, ['value', 'spec.syscalls.names', 'clone3', false]],
    [`${SPO}    - action: SC|`, ['value', 'spec.syscalls.action', 'SC', false]],
    [`${SPO}    - names:\n        - clone\n        - m|`, ['value', 'spec.syscalls.names', 'm', false]],
    [`${SPO}  - action: SCMP_ACT_ALLOW\n    names:\n    - m|`, ['value', 'spec.syscalls.names', 'm', false]],
    [`${SPO}  - action: SCMP_ACT_ALLOW\n    na|`, ['key', 'spec.syscalls', 'na', false]],
    [`${SPO}  - na|`, ['key', 'spec.syscalls', 'na', false]],
    [
      `${SPO}  - names:\n    - clone\n    args:\n    - op: SCMP|`,
      ['value', 'spec.syscalls.args.op', 'SCMP', false],
    ],
    [
      `${SPO}  - names:\n    - clone\n    args:\n    - index: 0\n      v|`,
      ['key', 'spec.syscalls.args', 'v', false],
    ],
    [`${SPO}  - names: [a]\n    args: [{index: 0, op: SC|`, ['value', 'spec.syscalls.args.op', 'SC', false]],
    [`${SPO}  - names: [a]\n    args: [{index: 0, o|`, ['key', 'spec.syscalls.args', 'o', false]],
    ['spec:\n  # a: b\n\n  de|', ['key', 'spec', 'de', false]],
    ['a: 1 # names: |', undefined],
  ] as const)('%s', (marked, expected) => expect(place(marked)).toEqual(expected));
});
