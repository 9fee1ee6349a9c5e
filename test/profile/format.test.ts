import { describe, expect, it } from 'vitest';
import { formatDocker, formatOci } from '../../src/profile/format.js';
import { toOci } from '../../src/profile/oci.js';
import type { Profile } from '../../src/profile/profile.js';
import { readProfile } from '../../src/profile/read.js';
import { fixture } from './fixture.js';
import { refusal } from './refusal.js';

/** What a profile says, without where. */
function content({ dialect: _d, source: _s, notes: _n, locate: _l, ...rest }: Profile): unknown {
  return rest;
}

describe('formatDocker', () => {
  it.each([
    'chmod-old-form.json',
    'deny-list.json',
    'commented.json',
    'numa.json',
    'config.json',
    'operator.yaml',
  ])('reading %s again gives the same profile, and writing that the same text', (name) => {
    const profile = readProfile(fixture(name), name);
    const text = formatDocker(profile);
    const again = readProfile(text, 'again.json');
    expect(content(again)).toEqual(content(profile));
    expect(again.notes).toEqual([]);
    expect(formatDocker(again)).toBe(text);
  });

  it('is made for reading', () => {
    const profile = readProfile(
      `{"defaultAction":"SCMP_ACT_ERRNO","flags":[],"syscalls":[{"names":["write","read"],"action":"SCMP_ACT_ALLOW",
      "args":[{"index":0,"value":18446744073709551615,"op":"SCMP_CMP_EQ"}],"includes":{"caps":["CAP_BPF"],"minKernel":"4.8"}},
      {"name":"a\\"\\u0007","action":"SCMP_ACT_LOG"}]}`,
      'p.json',
    );
    expect(formatDocker(profile, { sortNames: true })).toBe(`{
  "defaultAction": "SCMP_ACT_ERRNO",
  "flags": [],
  "syscalls": [
    {
      "names": ["read", "write"],
      "action": "SCMP_ACT_ALLOW",
      "args": [
        { "index": 0, "value": 18446744073709551615, "op": "SCMP_CMP_EQ" }
      ],
      "includes": {
        "caps": ["CAP_BPF"],
        "minKernel": "4.8"
      }
    },
    { "name": "a\\"\\u0007", "action": "SCMP_ACT_LOG" }
  ]
}
`);
    expect(formatDocker(profile)).toContain('["write", "read"]');
  });

  it('breaks lists that are too long for a line', () => {
    const names = Array.from({ length: 30 }, (_, i) => `name_${i}`);
    const text = formatDocker(
      readProfile(JSON.stringify({ defaultAction: 'x', syscalls: [{ names, action: 'y' }] }), 'p'),
    );
    expect(text).toContain('\n        "name_7",\n');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

describe('formatOci', () => {
  it('turns single names into lists and leaves out comments', () => {
    const profile = readProfile(
      '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"name":"chmod","action":"SCMP_ACT_ERRNO","errnoRet":13,"comment":"c","includes":{}}]}',
      'p.json',
    );
    expect(formatOci(toOci(profile))).toBe(`{
  "defaultAction": "SCMP_ACT_ALLOW",
  "syscalls": [
    {
      "names": ["chmod"],
      "action": "SCMP_ACT_ERRNO",
      "errnoRet": 13
    }
  ]
}
`);
  });

  it('reads back what it wrote', () => {
    const profile = readProfile(fixture('config.json'), 'config.json');
    const again = readProfile(formatOci(toOci(profile)), 'again.json', { dialect: 'oci' });
    expect(content(again)).toEqual(content(profile));
  });

  it.each([
    ['{"archMap":[{}]}', '1:12 archMap has no place in the OCI layout'],
    ['{"defaultErrno":"EPERM"}', '1:17 defaultErrno has no place in the OCI layout'],
    ['{"syscalls":[{},{"includes":{"caps":["CAP_BPF"]}}]}', '1:29 includes has no place in the OCI layout'],
    ['{"syscalls":[{"excludes":{"arches":["x86"]}}]}', '1:26 excludes has no place in the OCI layout'],
    ['{"syscalls":[{"includes":{"minKernel":"4.8"}}]}', '1:26 includes has no place in the OCI layout'],
    ['{"syscalls":[{"errno":"EPERM"}]}', '1:23 errno has no place in the OCI layout'],
  ])('refuses %s', (text, error) => {
    expect(refusal(() => toOci(readProfile(text, 'p.json')))).toBe(error);
  });
});
