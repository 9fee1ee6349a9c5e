import { describe, expect, test } from 'vitest';
import type { EngineName } from '../../src/engine/context.js';
import { loadDefaults } from '../../src/engine/defaults.js';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { answer } from '../../src/explain/answer.js';
import { historyOf } from '../../src/explain/history.js';
import { createSharedPolicies } from '../../src/explain/sharedPolicies.js';
import { parseCall } from '../../src/syscalls/call.js';
import { syscallsOf } from '../../src/syscalls/table.js';
import { compareVersions } from '../../src/versions.js';

async function history(call: string, words: Parameters<typeof resolveContext>[0]) {
  const { context } = await resolveContext({ hostArch: 'x86_64', ...words });
  const { number, name = '', args } = parseCall(call, context.arch);
  if (number === undefined) throw new Error(call);
  return historyOf(context, { name, number, abi: context.arch, args });
}

describe('history', () => {
  test.each([
    [
      'clone3',
      { engine: 'docker@20.10.9', runtime: 'runc@1.0.0-rc92', libseccomp: '2.5.1' },
      'EPERM until 20.10.9, ENOSYS since 20.10.10 (docker, same runtime and libseccomp)',
    ],
    // With the ENOSYS stub, profiles that end before clone3 answer ENOSYS too.
    [
      'clone3',
      { engine: 'docker@20.10.9', runtime: 'runc@1.0.2', libseccomp: '2.5.1' },
      'ENOSYS until 19.03.15, EPERM until 20.10.9, ENOSYS again since 20.10.10 (docker, same runtime and libseccomp)',
    ],
    [
      'ptrace',
      { engine: 'docker@18.09.9' },
      // That runc does not read errnoRet: a rule that comes to the default action is an error.
      'EPERM until 18.09.9, allowed until 20.10.9, no container starts since 20.10.10 (docker, same runtime and libseccomp)',
    ],
    [
      'ptrace',
      { engine: 'docker@28.5.2' },
      'EPERM until 18.09.9, allowed since 19.03.0 (docker, same runtime and libseccomp)',
    ],
    [
      'ptrace',
      { engine: 'docker', kernel: '4.4' },
      'EPERM in every release (docker, same runtime and libseccomp)',
    ],
    ['reboot', { engine: 'containerd' }, 'EPERM in every release (containerd, same runtime and libseccomp)'],
  ])('of %s with %j', async (call, words, text) => {
    expect((await history(call, words))?.text).toBe(text);
  });

  test('an older number can have a newer profile: parallel branches are told apart', async () => {
    const found = await history('clone3', { engine: 'containerd@1.5.2' });
    const span = found?.spans.find(({ from }) => from === '1.5.0');
    expect(span).toMatchObject({ to: '1.5.5', verdict: { errno: 'EPERM' }, back: 'parallel' });
    expect(found?.text).toContain('a parallel branch: 1.5.0 is older than 1.4.10');
  });

  test('there is none where the engine’s default does not decide', async () => {
    expect(
      await history('clone3', { engine: 'docker', securityOpt: ['seccomp=unconfined'] }),
    ).toBeUndefined();
    expect(await history('clone3', { engine: 'docker', privileged: true })).toBeUndefined();
  });

  test.each([
    ['docker', 'amd64', 23],
    ['docker', 'x86', 41],
    ['podman', 'amd64', 29],
    ['podman', 's390x', 37],
    ['containerd', 'arm64', 31],
    ['cri-o', 'amd64', 43],
    ['buildah', 'x86', 47],
  ] as const)(
    'of every call with %s on %s agrees with the whole prediction',
    { timeout: 120_000 },
    async (engine, arch, step) => {
      const { context } = await resolveContext({ engine, arch });
      const whole = createSharedPolicies();
      const releases = await sorted(engine);
      const policies = [];
      for (const version of releases)
        policies.push(await whole({ ...context, engine: { name: engine, version } }));
      const always = new Set([
        'clone3',
        'socket',
        'socketcall',
        'ipc',
        'semop',
        'clone',
        'personality',
        'faccessat2',
      ]);
      const calls = syscallsOf(context.arch).filter(
        ({ name }, index) => index % step === 0 || always.has(name),
      );
      for (const { name, number } of calls) {
        const question = { name, number, abi: context.arch };
        const found = await historyOf(context, question);
        for (const [index, version] of releases.entries()) {
          const outcome = policies[index];
          const span = found?.spans.find(
            ({ from, to }) => compareVersions(from, version) <= 0 && compareVersions(version, to) <= 0,
          );
          const expected = outcome?.kind === 'policy' ? answer(outcome.policy, question).verdict : undefined;
          expect([name, version, span?.verdict]).toEqual([name, version, expected]);
        }
      }
    },
  );
});

async function sorted(engine: EngineName): Promise<readonly string[]> {
  const { releases } = await loadDefaults(engine);
  return releases.map(({ version }) => version).sort(compareVersions);
}
