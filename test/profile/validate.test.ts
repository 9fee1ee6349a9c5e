import { describe, expect, it } from 'vitest';
import { readProfile } from '../../src/profile/read.js';
import { validateProfile } from '../../src/profile/validate.js';
import { fixture } from './fixture.js';

const findings = (text: string) =>
  validateProfile(readProfile(text, 'p.json')).map(
    ({ rule, level, at, nearest }) =>
      `${at?.line}:${at?.column} ${level} ${rule}${nearest === undefined ? '' : ` (${nearest})`}`,
  );
const inRule = (text: string) =>
  findings(
    `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [\n{"names": ["a"], "action": "SCMP_ACT_ALLOW", ${text}}]}`,
  );

describe('validateProfile', () => {
  it.each(['chmod-old-form.json', 'deny-list.json', 'commented.json', 'numa.json', 'config.json'])(
    'finds nothing in %s',
    (name) => {
      expect(validateProfile(readProfile(fixture(name), name))).toEqual([]);
    },
  );

  it.each([
    ['{}', ['1:1 error no-default-action']],
    ['{"defaultAction": "SCMP_ACT_ALOW"}', ['1:19 error unknown-action (SCMP_ACT_ALLOW)']],
    ['{"defaultAction": "allow"}', ['1:19 error unknown-action (SCMP_ACT_ALLOW)']],
    ['{"defaultAction": "qqq"}', ['1:19 error unknown-action']],
    ['{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 4095}', ['1:56 error errno-too-large']],
    ['{"defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1}', ['1:56 error unused-errno']],
    ['{"defaultAction": "SCMP_ACT_NOTIFY"}', ['1:19 error notify-without-listener']],
    ['{"defaultAction": "SCMP_ACT_NOTIFY", "listenerPath": "/run/x"}', []],
    [
      '{"defaultAction": "SCMP_ACT_LOG", "architectures": ["amd64", "x86_64", "SCMP_ARCH_X86"]}',
      ['1:53 error unknown-architecture', '1:62 error unknown-architecture (SCMP_ARCH_X86_64)'],
    ],
    [
      '{"defaultAction": "SCMP_ACT_LOG", "archMap": [{"architecture": "", "subArchitectures": ["SCMP_ARCH_X33"]}]}',
      ['1:64 error unknown-architecture', '1:89 error unknown-architecture (SCMP_ARCH_X32)'],
    ],
    [
      '{"defaultAction": "SCMP_ACT_LOG", "architectures": ["SCMP_ARCH_X86"], "archMap": [{"architecture": "SCMP_ARCH_X86"}]}',
      ['1:82 error architectures-and-arch-map'],
    ],
    [
      '{"defaultAction": "SCMP_ACT_LOG", "flags": ["LOG"]}',
      ['1:45 error unknown-flag (SECCOMP_FILTER_FLAG_LOG)'],
    ],
    [
      '{"defaultAction": "SCMP_ACT_LOG", "syscalls": [{"action": "SCMP_ACT_TRAP"}, {"names": ["a", ""], "action": ""}]}',
      ['1:48 warning no-names', '1:93 error empty-name', '1:108 error unknown-action'],
    ],
  ])('of %s finds %j', (text, found) => {
    expect(findings(text)).toEqual(found);
  });

  it.each([
    ['"name": "b"', ['2:54 error name-and-names']],
    ['"errnoRet": 1', ['2:58 error unused-errno']],
    ['"args": [{"index": 6, "op": "SCMP_CMP_EQ"}]', ['2:65 error argument-index']],
    ['"args": [{"op": "=="}]', ['2:62 error unknown-operator']],
    ['"args": [{}]', ['2:55 error unknown-operator']],
    ['"args": [{"op": "SCMP_CMP_EQUAL", "valueTwo": 1}]', ['2:62 error unknown-operator (SCMP_CMP_EQ)']],
    ['"args": [{"op": "SCMP_CMP_EQ", "valueTwo": 1}]', ['2:89 note unused-value-two']],
    ['"args": [{"op": "SCMP_CMP_MASKED_EQ", "value": 0}]', ['2:93 note empty-mask']],
    ['"args": [{"op": "SCMP_CMP_MASKED_EQ", "value": 1, "valueTwo": 1}]', []],
    ['"includes": {"caps": ["SYS_ADMIN"]}', ['2:68 warning unknown-capability (CAP_SYS_ADMIN)']],
    ['"excludes": {"caps": ["cap_chown"]}', ['2:68 warning unknown-capability (CAP_CHOWN)']],
    ['"includes": {"arches": ["x86_64", "amd64"]}', ['2:70 warning unknown-condition-arch']],
    ...['4', '4.8.0', 'v4.8', '0.0', '4.256', '4.8-rc1', ' 4.8'].map((version): [string, string[]] => [
      `"includes": {"minKernel": "${version}"}`,
      ['2:72 error bad-kernel-version'],
    ]),
    ['"includes": {"minKernel": ""}', []],
    ['"includes": {"minKernel": "255.0"}', []],
  ])('of a rule with %s finds %j', (text, found) => {
    expect(inRule(text)).toEqual(found);
  });

  it('stops at a thousand', () => {
    const caps = Array.from({ length: 100_000 }, (_, i) => `"CAP_${i}_NOT_THERE"`).join(',');
    expect(inRule(`"includes": {"caps": [${caps}]}`)).toHaveLength(1000);
  });
});
