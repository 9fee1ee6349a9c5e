import { expect, it } from 'vitest';
import type { Context } from '../../src/engine/context.js';
import { expand } from '../../src/engine/expand.js';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { allowing } from '../../src/lint/complete.js';
import { lacking, preflight, startsAll } from '../../src/lint/preflight.js';
import type { Profile } from '../../src/profile/profile.js';
import { readProfile } from '../../src/profile/read.js';
import { runtimeNeeds, startups } from '../../src/runtime/needs.js';
import { describeWithOracle } from '../oracle.js';
import { CONTAINER_RUNTIMES, type ContainerRuntime, lacksForContainers } from './containers.js';
import { installedLibseccomp, installedRuntime } from './installed.js';
import { ociJson } from './oci-json.js';
import { type Linked, startTrue } from './startsTrue.js';

const THREE_CALLS = readProfile(
  '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read", "write", "exit_group"], "action": "SCMP_ACT_ALLOW"}]}',
  'three.json',
);

async function contextFor(runtime: ContainerRuntime, profile: Profile): Promise<Context> {
  const { context } = await resolveContext({
    arch: 'amd64',
    runtime: `${runtime}@${installedRuntime(runtime).version}`,
    libseccomp: installedLibseccomp(),
    profile,
  });
  return context;
}

async function seccompOf(context: Context): Promise<string> {
  const expansion = await expand(context);
  if (expansion.kind !== 'seccomp') throw new Error('no filter');
  return ociJson(expansion.oci);
}

interface Row {
  readonly runtime: ContainerRuntime;
  readonly linked: Linked;
  readonly noNewPrivileges: boolean;
}

const ROWS: readonly Row[] = CONTAINER_RUNTIMES.flatMap((runtime) =>
  (['dynamic', 'static'] as const).flatMap((linked) =>
    [false, true].map((noNewPrivileges) => ({ runtime, linked, noNewPrivileges })),
  ),
);

describeWithOracle(lacksForContainers(), 'preflight and the real runtimes', () => {
  it.each(ROWS)(
    '$runtime, $linked, no_new_privs $noNewPrivileges: read, write, exit_group do not start true; the completed profile does',
    async ({ runtime, linked, noNewPrivileges }) => {
      const context = await contextFor(runtime, THREE_CALLS);
      const kinds = [`glibc-${linked}`];
      const before = await preflight(context, noNewPrivileges, kinds);
      expect(startsAll(before)).toBe(false);
      expect(before.runtime?.missing.map(({ call }) => call)).toContain('execve');
      const start = { runtime, linked, noNewPrivileges };
      expect(startTrue({ ...start, seccomp: await seccompOf(context) })).toBeDefined();

      const completed = await contextFor(runtime, allowing(THREE_CALLS, lacking(before)));
      expect(startsAll(await preflight(completed, noNewPrivileges, kinds))).toBe(true);
      expect(startTrue({ ...start, seccomp: await seccompOf(completed) })).toBeUndefined();
    },
  );

  /** Made in some runs only, so that one run proves nothing. */
  const NOW_AND_THEN = new Set(['futex', 'rt_sigreturn']);
  const program = startups.find(({ id }) => id === 'glibc-static');
  const needed = CONTAINER_RUNTIMES.flatMap((runtime) =>
    [false, true].flatMap((noNewPrivileges) => {
      if (lacksForContainers() !== undefined) return [];
      const needs = runtimeNeeds(installedRuntime(runtime), noNewPrivileges);
      const all = [
        ...new Set([
          ...(needs?.needs.keys() ?? []),
          ...(needs?.makes ?? []),
          ...(program?.needs ?? []),
          ...(program?.makes ?? []),
        ]),
      ];
      return [...(needs?.needs.keys() ?? [])]
        .filter((call) => !NOW_AND_THEN.has(call))
        .map((call) => ({ runtime, noNewPrivileges, call, all }));
    }),
  );

  it.each(needed)(
    '$runtime, no_new_privs $noNewPrivileges: nothing starts without $call',
    ({ runtime, noNewPrivileges, call, all }) => {
      const seccomp = JSON.stringify({
        defaultAction: 'SCMP_ACT_ERRNO',
        architectures: ['SCMP_ARCH_X86_64'],
        syscalls: [{ names: all.filter((name) => name !== call), action: 'SCMP_ACT_ALLOW' }],
      });
      expect(startTrue({ runtime, linked: 'static', noNewPrivileges, seccomp })).toBeDefined();
    },
  );
});
