import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeWithOracle } from '../oracle.js';
import { PATIENCE } from '../patience.js';
import { boundaryCalls, EVERY_CALL } from './calls.js';
import { CONTAINER_RUNTIMES, lacksForContainers, runProbe } from './containers.js';
import { mismatches } from './expected.js';
import { ociJson } from './oci-json.js';
import { predict } from './predict.js';
import { randomOci } from './random-oci.js';
import { tally } from './tally.js';

const SEED = 20;
const RUNS = 100;
const TIME = 120_000 * PATIENCE;

const count = tally('random OCI objects in containers of runc and crun');

/** Some of all numbers, for the default action and the stub's bound. */
const SOME_CALLS = EVERY_CALL.filter(
  ({ number }) => number % 40 === 0 || (number > 430 && number < 470 && number % 4 === 0),
);

describeWithOracle(lacksForContainers(), 'random OCI objects in real containers', () => {
  it.each(CONTAINER_RUNTIMES)(
    '%s answers as predicted, or refuses as predicted',
    { timeout: TIME },
    async (runtime) => {
      const wrong: unknown[] = [];
      let started = 0;
      for (const oci of fc.sample(randomOci, { seed: SEED, numRuns: RUNS })) {
        const predicted = predict(runtime, oci);
        const calls = [...SOME_CALLS, ...boundaryCalls(oci)];
        const container = { seccomp: ociJson(oci), capabilities: [], noNewPrivileges: true };
        count('objects');
        const outcome = await runProbe(runtime, container, 'verdict', calls).catch(String);
        if (typeof outcome === 'string') {
          if ('loadError' in predicted && outcome.includes(predicted.loadError)) continue;
          wrong.push({
            oci: ociJson(oci),
            outcome,
            predicted: 'loadError' in predicted ? predicted : 'a policy',
          });
        } else if ('loadError' in predicted) {
          wrong.push({ oci: ociJson(oci), predicted, outcome: 'it started' });
        } else {
          started++;
          count('verdicts', calls.length);
          const found = mismatches(predicted, calls, outcome, () => 'reached');
          if (found.length > 0) wrong.push({ oci: ociJson(oci), found });
        }
      }
      expect(wrong).toEqual([]);
      expect(started).toBeGreaterThan(RUNS / 2);
    },
  );
});
