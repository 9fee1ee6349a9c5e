import { describe, expect, it } from 'vitest';
import { readDockerInspect, readDockerInspects } from '../../src/profile/dockerInspect.js';
import { fixture } from './fixture.js';
import { refusal } from './refusal.js';

const container = (name: string) => readDockerInspect(fixture('inspect.json'), 'inspect.json', name);

describe('docker inspect', () => {
  it.each(['web', '4f1c'])('reads the profile of %s with its places in the escaped string', (name) => {
    const { seccomp, ...rest } = container(name);
    expect(rest).toEqual({
      name: 'web',
      capAdd: ['SYS_PTRACE'],
      capDrop: [],
      privileged: false,
      noNewPrivileges: true,
      labels: [],
    });
    if (seccomp.kind !== 'profile') throw new Error(seccomp.kind);
    expect(seccomp.profile.rules).toMatchObject([
      { name: 'chmod', action: 'SCMP_ACT_ERRNO', comment: 'é"quoted"' },
    ]);
    const lines = new TextDecoder().decode(fixture('inspect.json')).split('\n');
    const at = seccomp.profile.locate(['syscalls', 0, 'action']);
    expect(lines[(at?.line ?? 0) - 1]?.slice((at?.column ?? 0) - 1)).toMatch(/^\\"SCMP_ACT_ERRNO/);
  });

  it('reads the old form with a colon', () => {
    expect(container('old')).toMatchObject({ capDrop: ['ALL'], seccomp: { kind: 'profile' } });
  });

  it('reads unconfined, privileged and nothing', () => {
    expect(container('open')).toMatchObject({ privileged: true, seccomp: { kind: 'unconfined' } });
    expect(container('plain')).toMatchObject({ privileged: false, seccomp: { kind: 'default' } });
  });

  it.each([
    ['{"SecurityOpt": ["no-new-privileges:true"]}', { noNewPrivileges: true }],
    ['{"SecurityOpt": ["no-new-privileges=false"]}', { noNewPrivileges: false }],
    [
      '{"SecurityOpt": ["apparmor=mine", "label=disable", "label:type:x_t"]}',
      { appArmor: 'mine', labels: ['disable', 'type:x_t'] },
    ],
    [
      '{"AppArmorProfile": "docker-default", "HostConfig": {"SecurityOpt": null, "MaskedPaths": []}}',
      { appArmor: 'docker-default', maskedPaths: 0 },
    ],
    [
      '{"AppArmorProfile": "", "HostConfig": {"SecurityOpt": ["apparmor:unconfined"]}}',
      { appArmor: 'unconfined' },
    ],
  ])('reads the other confinement of %s', (text, expected) => {
    expect(readDockerInspect(text, 'f')).toMatchObject(expected);
  });

  it('reads every container of a list', () => {
    const all = readDockerInspects(
      '[{"Name": "/a", "HostConfig": {}}, {"Name": "/b", "HostConfig": {}}]',
      'f',
    );
    expect(all.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it.each([
    ['{"HostConfig": {}}', { kind: 'default' }],
    ['{"SecurityOpt": ["seccomp=builtin"]}', { kind: 'default' }],
    ['{"SecurityOpt": ["seccomp:unconfined"]}', { kind: 'unconfined' }],
    ['{"SecurityOpt": ["seccomp=unconfined", "seccomp={}"]}', { kind: 'profile' }],
    ['{"SecurityOpt": ["apparmor=unconfined", "label:disable", "no-new-privileges"]}', { kind: 'default' }],
    ['[{"HostConfig": {"SecurityOpt": ["seccomp:{\\"x\\":\\"=\\"}"]}}]', { kind: 'profile' }],
  ])('reads %s', (text, seccomp) => {
    expect(readDockerInspect(text, 'f').seccomp).toMatchObject(seccomp);
  });

  it.each([
    ['[]', '1:1 no container in this list'],
    ['[5]', '1:2 unexpected number 5 | a container, as docker inspect prints it'],
    [
      '{}',
      '1:1 neither HostConfig nor SecurityOpt in this object | a container, as docker inspect prints it',
    ],
    ['[1, 2]', '1:2 unexpected number 1 | a container, as docker inspect prints it'],
    ['[{"Name": "/a"}, {"Name": "/b"}]', '1:18 2 containers | the name of one of them: "a", "b"'],
    ['{"HostConfig": {"CapAdd": "x"}}', '1:27 unexpected string "x" | CapAdd: an array'],
    [
      '{"SecurityOpt": ["seccomp=/p.json"]}',
      '1:18 seccomp="/p.json" is no profile | the profile’s JSON, as Docker keeps it, or unconfined, or builtin',
    ],
    [
      '{"SecurityOpt": ["seccomp={\\"defaultAction\\":5}"]}',
      '1:46 unexpected number 5 | defaultAction: a string',
    ],
    ['{"SecurityOpt": ["seccomp={\\u007b"]}', '1:28 unexpected "{" | a key in double quotes or "}"'],
    ['{"SecurityOpt": ["seccomp={"]}', '1:28 the text ends too early | a key in double quotes or "}"'],
  ])('refuses %s', (text, error) => {
    expect(refusal(() => readDockerInspect(text, 'f'))).toBe(error);
  });

  it('refuses a name that is not there', () => {
    expect(refusal(() => container('nope'))).toBe(
      '1:1 no container "nope" here | "web", "old", "open", "plain"',
    );
  });
});
