import { beforeAll, expect, it } from 'vitest';
import { loadDefaults } from '../../src/engine/defaults.js';
import { describeWithOracle } from '../oracle.js';
import { boundaryCalls, EVERY_CALL } from './calls.js';
import { CONTAINER_RUNTIMES, lacksForContainers, runProbe } from './containers.js';
import { mismatches } from './expected.js';
import { ociJson } from './oci-json.js';
import { distinctDockerVersions, dockerDefault, predict } from './predict.js';
import { showResult } from './probe/binary.js';
import { mayRun } from './probe/calls.js';
import { tally } from './tally.js';

const DEFAULTS = (await loadDefaults('docker')).defaultCapabilities('28.5.2') ?? [];
const CAPABILITIES = [
  ['no capabilities', []],
  ['the default capabilities', DEFAULTS],
  ['SYS_ADMIN besides', [...DEFAULTS, 'CAP_SYS_ADMIN']],
] as const;

const count = tally('Docker’s defaults in containers of runc and crun');

const RUNNABLE = EVERY_CALL.filter(mayRun);

describeWithOracle(lacksForContainers(), 'Docker’s default profile in real containers', () => {
  for (const runtime of CONTAINER_RUNTIMES) {
    for (const [held, capabilities] of CAPABILITIES) {
      let baseline: readonly string[] = [];
      beforeAll(async () => {
        const unconfined = { capabilities, noNewPrivileges: true };
        baseline = (await runProbe(runtime, unconfined, 'real', RUNNABLE)).map(showResult);
      });

      it.each(['28.5.2', '20.10.9', '29.7.2'])(
        `docker@%s, ${runtime}, ${held}: 0–600 on x86_64, x86 and x32, really made`,
        async (version) => {
          const oci = await dockerDefault(version, capabilities);
          const container = { seccomp: ociJson(oci), capabilities, noNewPrivileges: true };
          const results = await runProbe(runtime, container, 'real', RUNNABLE);
          const policy = predict(runtime, oci);
          if ('loadError' in policy) throw new Error(policy.loadError);
          count('containers');
          count('calls really made', RUNNABLE.length);
          expect(mismatches(policy, RUNNABLE, results, (index) => baseline[index] ?? '')).toEqual([]);
        },
      );

      it(`every version, ${runtime}, ${held}: the verdict on 0–600 and on both sides of each comparison`, async () => {
        const versions = await distinctDockerVersions();
        expect(versions.length).toBeGreaterThan(30);
        const wrong: string[] = [];
        for (const [index, version] of versions.entries()) {
          const oci = await dockerDefault(version, capabilities);
          const policy = predict(runtime, oci);
          if ('loadError' in policy) throw new Error(`docker@${version}: ${policy.loadError}`);
          const calls = [...EVERY_CALL, ...boundaryCalls(oci)];
          // Both moments at which a runtime loads the filter.
          const container = { seccomp: ociJson(oci), capabilities, noNewPrivileges: index % 2 === 0 };
          const results = await runProbe(runtime, container, 'verdict', calls);
          const found = mismatches(policy, calls, results, () => 'reached');
          count('containers');
          count('verdicts', calls.length);
          wrong.push(...found.map((line) => `docker@${version}: ${line}`));
        }
        expect(wrong).toEqual([]);
      });
    }
  }
});
