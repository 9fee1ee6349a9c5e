import fc from 'fast-check';
import { expect, it } from 'vitest';
import { loadDefaults } from '../../src/engine/defaults.js';
import type { OciSeccomp } from '../../src/engine/oci.js';
import { dumpFilters } from '../../src/linux/process/dumpFilter.js';
import { liftFilters } from '../../src/linux/process/liftFilters.js';
import { comparePolicies } from '../../src/policy/compare.js';
import type { Policy } from '../../src/policy/policy.js';
import { describeWithOracle } from '../oracle.js';
import { CONTAINER_RUNTIMES, type ContainerRuntime, inContainer, lacksForContainers } from './containers.js';
import { ociJson } from './oci-json.js';
import { dockerDefault, predict } from './predict.js';
import { randomOci } from './random-oci.js';
import { tally } from './tally.js';

const SEED = 41;
const RUNS = 50;

const DEFAULTS = (await loadDefaults('docker')).defaultCapabilities('28.5.2') ?? [];
const CAPABILITIES = [
  ['no capabilities', []],
  ['the default capabilities', DEFAULTS],
  ['SYS_ADMIN besides', [...DEFAULTS, 'CAP_SYS_ADMIN']],
] as const;
const count = tally('filters of containers of runc and crun, read back');
const RELEASES = ['28.5.2', '20.10.9'];

/** The policy that a container's process is really under: its only filter, read back from the kernel. */
async function enforced(
  runtime: ContainerRuntime,
  oci: OciSeccomp,
  capabilities: readonly string[],
): Promise<Policy> {
  const container = { seccomp: ociJson(oci), capabilities, noNewPrivileges: true };
  const { filters } = await inContainer(runtime, container, dumpFilters);
  expect(filters.length).toBe(1);
  count('compared by proof');
  return liftFilters(
    filters.map(({ program }) => program),
    'x86_64',
    `${runtime}’s filter`,
  );
}

describeWithOracle(lacksForContainers(), 'the filter of a real container, read back from the kernel', () => {
  for (const runtime of CONTAINER_RUNTIMES) {
    for (const [held, capabilities] of CAPABILITIES) {
      it.each(RELEASES)(
        `docker@%s, ${runtime}, ${held}: equals the prediction, by proof`,
        async (version) => {
          const oci = await dockerDefault(version, capabilities);
          const policy = predict(runtime, oci);
          if ('loadError' in policy) throw new Error(policy.loadError);
          expect(comparePolicies(await enforced(runtime, oci, capabilities), policy)).toEqual([]);
        },
      );
    }

    it(`${runtime}: the proof tells releases apart`, async () => {
      const real = await enforced(runtime, await dockerDefault('28.5.2', []), []);
      const other = predict(runtime, await dockerDefault('20.10.9', []));
      if ('loadError' in other) throw new Error(other.loadError);
      expect(comparePolicies(real, other).length).toBeGreaterThan(5);
    });

    it(`${runtime}: so do those of ${RUNS} random OCI objects`, async () => {
      const wrong: unknown[] = [];
      let proved = 0;
      for (const oci of fc.sample(randomOci, { seed: SEED, numRuns: RUNS })) {
        const predicted = predict(runtime, oci);
        try {
          const real = await enforced(runtime, oci, []);
          const differences =
            'loadError' in predicted ? [{ predicted }] : comparePolicies(real, predicted).slice(0, 3);
          if (differences.length > 0) wrong.push({ oci: ociJson(oci), differences });
          else proved++;
        } catch (error) {
          if ('loadError' in predicted && String(error).includes(predicted.loadError)) continue;
          wrong.push({
            oci: ociJson(oci),
            error,
            predicted: 'loadError' in predicted ? predicted : 'a policy',
          });
        }
      }
      expect(wrong).toEqual([]);
      expect(proved).toBeGreaterThan(RUNS / 2);
    });
  }
});
