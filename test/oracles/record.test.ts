import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { profileFor } from '../../src/record/forContainer.js';
import { type Runs, singleRun } from '../../src/record/runs.js';
import { describeWithOracle, hasCommand } from '../oracle.js';
import { readLog } from '../record/log.js';
import { CONTAINER_RUNTIMES, lacksForContainers } from './containers.js';
import { installedLibseccomp, installedRuntime } from './installed.js';
import { startTrue } from './startsTrue.js';

/** What a program that does nothing calls, as strace sees it. */
function nothing(): Runs {
  const { stderr } = spawnSync('strace', ['-f', 'true'], { encoding: 'utf8' });
  return singleRun('x86_64', readLog(stderr).recording, { source: 'true' });
}

const lacks = lacksForContainers() ?? (hasCommand('strace') ? undefined : 'strace');

describeWithOracle(lacks, 'a recorded profile in a real container', () => {
  for (const runtime of CONTAINER_RUNTIMES)
    for (const noNewPrivileges of [false, true])
      it(`${runtime}, no_new_privs ${noNewPrivileges}: the container starts`, async () => {
        const { context } = await resolveContext({
          arch: 'amd64',
          runtime: `${runtime}@${installedRuntime(runtime).version}`,
          libseccomp: installedLibseccomp(),
        });
        const start = { runtime, linked: 'dynamic', noNewPrivileges } as const;
        const seccomp = async (exact: boolean): Promise<string> =>
          (
            await profileFor(context, nothing(), {
              dialect: 'oci',
              noNewPrivileges,
              file: 'true.json',
              exact,
            })
          ).text;
        expect(startTrue({ ...start, seccomp: await seccomp(false) })).toBeUndefined();
        // Without no_new_privs the runtime still changes the user and drops capabilities.
        if (!noNewPrivileges) expect(startTrue({ ...start, seccomp: await seccomp(true) })).toBeDefined();
      });
});
