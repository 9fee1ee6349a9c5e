import { describe, expect, it } from 'vitest';
import { readOciConfig, readProfile } from '../../src/profile/read.js';
import { fixture } from './fixture.js';
import { refusal } from './refusal.js';

const read = (name: string) => readProfile(fixture(name), name);

describe('Docker’s layout', () => {
  it('reads the old form with one name', () => {
    expect(read('chmod-old-form.json')).toMatchObject({
      dialect: 'docker',
      source: 'chmod-old-form.json',
      defaultAction: 'SCMP_ACT_ALLOW',
      rules: [{ name: 'chmod', names: [], action: 'SCMP_ACT_ERRNO', args: [] }],
      notes: [],
    });
  });

  it('reads a deny-list for 14 architectures', () => {
    const profile = read('deny-list.json');
    expect(profile.architectures).toHaveLength(14);
    expect(profile.rules.flatMap(({ names }) => names)).toHaveLength(25);
    expect(profile.rules.map(({ errnoRet }) => errnoRet)).toEqual([1, 1, 1, 1]);
    expect(profile.notes).toEqual([]);
  });

  it('reads comments with a note', () => {
    const profile = read('commented.json');
    expect(profile.rules.map(({ names }) => names)).toEqual([['ptrace'], ['chroot']]);
    expect(profile.notes).toMatchObject([{ kind: 'comment', at: { line: 2, column: 38 } }]);
  });

  it('reads conditions, archMap and the rest', () => {
    const profile = read('numa.json');
    expect(profile).toMatchObject({
      defaultErrnoRet: 1,
      archMap: [
        { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
        { architecture: 'SCMP_ARCH_RISCV64', subArchitectures: [] },
      ],
    });
    expect(profile.rules[1]?.includes).toEqual({ caps: ['CAP_SYS_NICE'], arches: [] });
    expect(profile.rules[2]?.includes.minKernel).toBe('4.8');
    expect(profile.rules[3]).toMatchObject({
      args: [{ index: 0, value: 2114060288n, valueTwo: 0n, op: 'SCMP_CMP_MASKED_EQ' }],
      excludes: { caps: ['CAP_SYS_ADMIN'], arches: ['s390', 's390x'] },
    });
  });

  it.each([
    [['defaultAction'], 2, '"SCMP_ACT_ERRNO"'],
    [['defaultErrnoRet'], 3, '1,'],
    [['syscalls'], 8, '['],
    [['syscalls', 1], 10, '{'],
    [['syscalls', 1, 'names', 3], 11, '"set_mempolicy_home_node"'],
    [['syscalls', 1, 'includes', 'caps', 0], 13, '"CAP_SYS_NICE"'],
    [['syscalls', 3, 'args', 0, 'value'], 19, '2114060288'],
    [['archMap', 0, 'subArchitectures', 1], 5, '"SCMP_ARCH_X32"'],
    [[], 1, '{'],
  ])('locates %j', (path, line, start) => {
    const at = read('numa.json').locate(path);
    expect(at).toMatchObject({ file: 'numa.json', line });
    const text = new TextDecoder().decode(fixture('numa.json')).split('\n')[line - 1] ?? '';
    const from = (at?.column ?? 0) - 1;
    expect(text.slice(from, from + start.length)).toBe(start);
  });

  it.each([
    [['syscalls', 9]],
    [['syscalls', 0, 'errnoRet']],
    [['flags']],
    [['syscalls', 0, 'names', 'length']],
  ])('locates nothing at %j', (path) => {
    expect(read('numa.json').locate(path)).toBeUndefined();
  });
});

describe('OCI config.json', () => {
  it('takes linux.seccomp with its places', () => {
    const result = readOciConfig(fixture('config.json'), 'config.json');
    if (result.kind !== 'profile') throw new Error(result.kind);
    expect(result.profile).toMatchObject({ dialect: 'oci', defaultErrnoRet: 38, flags: [], notes: [] });
    expect(result.profile.rules[0]?.args[0]?.value).toBe(2n ** 64n - 1n);
    expect(result.profile.locate(['syscalls', 0, 'names', 0])).toMatchObject({ line: 13, column: 21 });
    expect(read('config.json').rules).toEqual(result.profile.rules);
  });

  it.each([
    '{"ociVersion": "1.0.2"}',
    '{"linux": {}}',
    '{"linux": null}',
    '{"ociVersion": "1", "linux": {"seccomp": null}}',
  ])('says unconfined for %s', (text) => {
    expect(readOciConfig(text, 'config.json')).toEqual({ kind: 'unconfined' });
    expect(refusal(() => readProfile(text, 'config.json'))).toBe(
      '1:1 the config.json has no linux.seccomp: its container runs unconfined | a seccomp profile',
    );
  });

  it('refuses a profile where a config.json is wanted', () => {
    expect(refusal(() => readOciConfig('{"defaultAction": "x"}', 'f'))).toBe(
      '1:1 neither ociVersion nor linux | the config.json of an OCI bundle',
    );
  });

  it.each([
    ['{"linux": 5}', '1:11 unexpected number 5 | linux: an object'],
    ['{"linux": {"seccomp": []}}', '1:23 unexpected array | seccomp: an object'],
    ['{"linux": {"seccomp": {"syscalls": [{"action": 1}]}}}', '1:48 unexpected number 1 | action: a string'],
  ])('refuses %s', (text, error) => {
    expect(refusal(() => readOciConfig(text, 'config.json'))).toBe(error);
  });
});

describe('what is no profile', () => {
  it('points to inspect: for the output of docker inspect', () => {
    expect(() => read('inspect.json')).toThrowError(
      expect.objectContaining({ hint: expect.stringContaining('inspect:') }),
    );
  });

  it('names the kind of another Kubernetes object', () => {
    expect(refusal(() => readProfile('{"apiVersion": "v1",\n"kind": "Pod"}', 'f.json'))).toBe(
      '2:9 a Kubernetes object of kind "Pod" | "SeccompProfile"',
    );
  });
});
