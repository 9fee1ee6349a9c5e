import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithOracle, hasCommand } from '../oracle.js';
import { lacksForContainers } from '../oracles/containers.js';
import { PATIENCE } from '../patience.js';
import { build } from './callgate.js';
import { ALL, byTwos } from './injection.js';
import {
  failedServing,
  failedStarting,
  killedServing,
  killedStarting,
  ofAgentVerb,
} from './watchFaults/calls.js';
import { connections } from './watchFaults/connections.js';
import { endedContainers, fewFiles } from './watchFaults/containers.js';
import type { WatchFault, WatchOutcome } from './watchFaults/fault.js';
import type { Kit } from './watchFaults/kit.js';
import { endServers, machines } from './watchFaults/machines.js';
import { measuredKit, watchUnder } from './watchFaults/run.js';

const lacks = lacksForContainers() ?? (hasCommand('strace') ? undefined : 'the command strace');
const TIME = 1_800_000 * PATIENCE;

const GROUPS: readonly (readonly [name: string, faults: readonly WatchFault[]])[] = [
  ['killed or asked to end while it serves', killedServing],
  ['killed or asked to end while it starts', killedStarting],
  ['whose calls fail while it serves', [...failedServing, ...ofAgentVerb]],
  ['whose calls fail while it starts', failedStarting],
  ['whose containers end', endedContainers],
  ['to whom anything is sent', connections],
  ['with few file descriptors', fewFiles],
  ['on a machine that is not as it should be', machines],
];

describeWithOracle(lacks, 'watch', () => {
  const outcomes: WatchOutcome[] = [];
  let kit: Kit | undefined;
  beforeAll(async () => {
    await build();
    kit = await measuredKit();
  }, TIME);
  afterAll(() => {
    kit?.remove();
    endServers();
    const rows = outcomes.map(
      ({ fault, ending, containers, longest, milliseconds, violations }) =>
        `| ${fault} | ${ending ?? '?'} | ${containers} | ${longest} ms | ${milliseconds} ms | ${violations.join('; ')} |`,
    );
    const head = `${outcomes.length} faults\n| fault | agent | calls got | longest call | took | violations |\n| --- | --- | --- | --- | --- | --- |`;
    console.info([head, ...rows].join('\n'));
  });

  test.each(GROUPS)('%s', { timeout: TIME }, async (_, faults) => {
    const wanted = faults.filter(({ always }) => ALL || always === true);
    const done = await byTwos(wanted, async (fault) => {
      if (kit === undefined) throw new TypeError('no kit');
      return await watchUnder(kit, fault);
    });
    outcomes.push(...done);
    const wrong = done.filter(({ violations }) => violations.length > 0);
    expect(wrong.map(({ fault, violations }) => `${fault}: ${violations.join('; ')}`)).toEqual([]);
    expect(done.length).toBeGreaterThan(0);
  });
});
