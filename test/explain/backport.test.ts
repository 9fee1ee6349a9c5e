import { describe, expect, test } from 'vitest';
import { readProfile } from '../../src/profile/read.js';
import { inProcess } from '../cli/inProcess.js';

interface Difference {
  readonly syscall: string;
  readonly abi: string;
  readonly from: { readonly action: string; readonly errno?: string };
  readonly to: { readonly action: string; readonly errno?: string };
  readonly wider: boolean;
}

/** The verb's answer; files are given by their text. */
async function backport(words: string, files: Readonly<Record<string, object>> = {}) {
  const { status, out, err } = await inProcess(
    ['backport', ...words.split(' '), '--format', 'json', '--arch', 'x86_64'],
    { read: (path) => Buffer.from(JSON.stringify(files[path])) },
  );
  if (status === 2) return { status, err, answer: undefined, differences: [] };
  const answer = JSON.parse(out);
  const differences = (answer.differences as readonly Difference[])
    .filter(({ abi }) => abi === 'x86_64')
    .map(({ syscall, from, to }) => [syscall, from.errno ?? from.action, to.errno ?? to.action].join(' '));
  return { status, err, answer, differences };
}

describe('backport', () => {
  test('a profile that the older release takes keeps its conditions, and is equal', async () => {
    const { status, answer } = await backport(
      'docker@24.0.9 --to docker@24.0.0 --runtime runc@1.1.12 --libseccomp 2.5.4',
    );
    expect(status).toBe(0);
    expect(answer).toMatchObject({ equal: true, verbatim: true, differences: [], otherNumbers: [] });
    expect(answer.profile.syscalls.some((rule: { includes?: object }) => rule.includes !== undefined)).toBe(
      true,
    );
  });

  test('clone3’s errno before 20.10.10, where no container starts with the newer profile as it is', async () => {
    const { status, answer, differences } = await backport(
      'docker@28.5.2 --to docker@20.10.9 --runtime runc@1.0.1 --libseccomp 2.6.0',
    );
    expect(status).toBe(1);
    expect(answer.verbatim).toBe(false);
    // runc 1.0.1 refuses the rule, which says what the default says once its errno is not read.
    expect(differences).toEqual(['clone3 ENOSYS EPERM']);
    expect(answer.differences.every(({ wider }: Difference) => !wider)).toBe(true);
  });

  test('the same with a release that reads the errno', async () => {
    const { status, differences } = await backport(
      'docker@28.5.2 --to docker@20.10.10 --runtime runc@1.0.2 --libseccomp 2.6.0',
    );
    expect({ status, differences }).toEqual({ status: 0, differences: [] });
  });

  test('one name a rule before 1.13', async () => {
    const { answer, differences } = await backport(
      'docker@28.5.2 --to docker@1.12.6 --runtime runc@1.1.12 --libseccomp 2.6.0',
    );
    expect(answer.profile.syscalls[0]).toMatchObject({ name: expect.any(String) });
    expect(answer.profile.syscalls.every((rule: { names?: object }) => rule.names === undefined)).toBe(true);
    expect(differences).toEqual(['clone3 ENOSYS EPERM']);
  });

  test('names that the older libseccomp lacks', async () => {
    const { answer, differences } = await backport(
      'docker@28.5.2+libseccomp@2.6.0 --to docker@24.0.9+libseccomp@2.5.4 --runtime runc@1.1.12',
    );
    expect(differences).toContain('mseal SCMP_ACT_ALLOW ENOSYS');
    expect(answer.differences.find(({ syscall }: Difference) => syscall === 'mseal')).toMatchObject({
      unknownThere: true,
      wider: false,
    });
  });

  test.each([
    ['SCMP_ACT_LOG', 'runc@1.0.0-rc8', 'EPERM'],
    ['SCMP_ACT_KILL_THREAD', 'runc@1.0.2', 'SCMP_ACT_KILL_THREAD'],
    ['SCMP_ACT_KILL_PROCESS', 'runc@1.0.2', 'EPERM'],
  ])('%s with %s gives %s', async (action, runtime, expected) => {
    const mine = {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [
        { names: ['read', 'write', 'exit_group'], action: 'SCMP_ACT_ALLOW' },
        { names: ['mount'], action },
        { names: ['mseal'], action: 'SCMP_ACT_ALLOW' },
      ],
    };
    const { answer, differences } = await backport(
      `./mine.json --to docker@20.10.9+${runtime} --libseccomp 2.6.0`,
      { './mine.json': mine },
    );
    const mount = differences.find((line) => line.startsWith('mount '));
    expect(mount?.split(' ').at(-1) ?? action).toBe(expected);
    expect(answer.differences.every(({ wider }: Difference) => !wider)).toBe(true);
  });

  test('a deny list whose action is too new refuses in another way and does not let run', async () => {
    const mine = {
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [{ names: ['mount'], action: 'SCMP_ACT_KILL_PROCESS' }],
    };
    const { answer, differences } = await backport('./mine.json --to docker@20.10.9+runc@1.0.2', {
      './mine.json': mine,
    });
    expect(differences).toEqual(['mount SCMP_ACT_KILL_PROCESS EPERM']);
    expect(readProfile(JSON.stringify(answer.profile), 'x').rules).toMatchObject([
      { names: ['mount'], action: 'SCMP_ACT_ERRNO' },
    ]);
  });

  test.each([
    ['docker@28.5.2', /where to/],
    ['docker@28.5.2 --to unconfined', /no filter/],
  ])('%s', async (words, message) => {
    const { status, err } = await backport(words);
    expect(status).toBe(2);
    expect(err).toMatch(message);
  });
});
