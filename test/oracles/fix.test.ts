import { expect, it } from 'vitest';
import { loadDefaults } from '../../src/engine/defaults.js';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { extend } from '../../src/explain/extend.js';
import { fix } from '../../src/explain/fix.js';
import { type FilterPrediction, predict } from '../../src/explain/predict.js';
import { findPreset, presets, rulesOf } from '../../src/explain/presets.js';
import { newRule } from '../../src/explain/remedies/editor.js';
import { formatDocker } from '../../src/profile/format.js';
import type { ProfileRule } from '../../src/profile/profile.js';
import { readProfile } from '../../src/profile/read.js';
import { parseCall } from '../../src/syscalls/call.js';
import { describeWithOracle } from '../oracle.js';
import { boundaryCalls, EVERY_CALL } from './calls.js';
import { CONTAINER_RUNTIMES, type ContainerRuntime, lacksForContainers, runProbe } from './containers.js';
import { mismatches } from './expected.js';
import { installedLibseccomp, installedRuntime } from './installed.js';
import { ociJson } from './oci-json.js';

async function installed(runtime: ContainerRuntime, text?: string): Promise<FilterPrediction> {
  const { name, version } = installedRuntime(runtime);
  const prediction = await predict(
    (
      await resolveContext({
        engine: 'docker',
        runtime: `${name}@${version}`,
        libseccomp: installedLibseccomp(),
        arch: 'x86_64',
        ...(text === undefined ? {} : { profile: readProfile(text, 'profile.json') }),
      })
    ).context,
  );
  if (prediction.kind !== 'filter') throw new Error(prediction.kind);
  return prediction;
}

/** What a real container answers with the changed profile, to every number and on both sides of each comparison. */
async function wrongAnswers(runtime: ContainerRuntime, { oci, policy }: FilterPrediction) {
  const calls = [...EVERY_CALL, ...boundaryCalls(oci)];
  const container = { seccomp: ociJson(oci), capabilities: [], noNewPrivileges: true };
  const results = await runProbe(runtime, container, 'verdict', calls);
  return mismatches(policy, calls, results, () => 'reached');
}

/** Docker's newest default with another word about personality. */
async function defaultRefusing(refusal: Partial<ProfileRule>): Promise<string> {
  const { context } = await resolveContext({ engine: 'docker', arch: 'x86_64' });
  const profile = (await loadDefaults('docker')).profile(context.engine.version);
  if (profile === undefined) throw new Error('no default profile');
  const rules = profile.rules.filter(({ names }) => !names.includes('personality'));
  return formatDocker({
    ...profile,
    rules: [...rules, newRule(['personality'], 'SCMP_ACT_ERRNO', { errnoRet: 13, ...refusal })],
  });
}

const ADDR_NO_RANDOMIZE = { index: 0, value: 0x40000n, valueTwo: 0n, op: 'SCMP_CMP_EQ' };

describeWithOracle(lacksForContainers(), 'changed profiles in real containers', () => {
  // Refusals of the same call, for which the profile's own rules have to make way.
  const refusals = [
    ['personality always', {}],
    ['personality(ADDR_NO_RANDOMIZE)', { args: [ADDR_NO_RANDOMIZE] }],
  ] as const;
  it.each(
    CONTAINER_RUNTIMES.flatMap((runtime) =>
      refusals.map(([name, refusal]) => [runtime, name, refusal] as const),
    ),
  )('%s, fix of a profile that refuses %s', async (runtime, _, refusal) => {
    const before = await installed(runtime, await defaultRefusing(refusal));
    const { remedies } = await fix(before, [parseCall('personality(0x40000)', 'x86_64')]);
    const [first] = remedies;
    expect(first?.title).toMatch(/whose own rule spares these arguments$/);
    if (first?.after.kind !== 'filter') throw new Error('no filter');
    expect(await wrongAnswers(runtime, first.after)).toEqual([]);
  });

  it.each(CONTAINER_RUNTIMES.flatMap((runtime) => presets.map(({ name }) => [runtime, name] as const)))(
    '%s, Docker’s newest default with the preset %s',
    async (runtime, name) => {
      const allow = rulesOf(findPreset(name), 'x86_64');
      const { after } = await extend(await installed(runtime), { allow, deny: [] });
      expect(await wrongAnswers(runtime, after)).toEqual([]);
    },
  );
});
