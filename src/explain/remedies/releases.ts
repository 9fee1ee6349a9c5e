import { runtimeReleases } from '../../engine/bundles.js';
import type { RuntimeName } from '../../engine/context.js';
import { loadDefaults } from '../../engine/defaults.js';
import { newestRelease, sortedReleases } from '../../engine/releaseWord.js';
import { libseccompReleases } from '../../syscalls/table.js';
import { compareVersions } from '../../versions.js';
import type { Question } from '../answer.js';
import { type FilterPrediction, type Prediction, predict } from '../predict.js';
import { copesWith, ENOSYS } from './betterAnswer.js';
import type { Candidate } from './candidate.js';

/** Whether a prediction answers all calls better. */
export type Helps = (after: Prediction) => boolean;

/** The first newer release of the engine whose own default helps. */
export async function engineCandidates(
  { context }: FilterPrediction,
  helps: Helps,
): Promise<readonly Candidate[]> {
  if (context.seccomp.kind !== 'default') return [];
  const { name, version } = context.engine;
  const defaults = await loadDefaults(name);
  const seen = new Set([defaults.profileId(version)]);
  for (const release of newerThan(
    version,
    defaults.releases.map((row) => row.version),
  )) {
    const id = defaults.profileId(release);
    if (id === undefined || seen.has(id)) continue;
    seen.add(id);
    const after = await predict({ ...context, engine: { name, version: release } });
    if (!helps(after)) continue;
    const title = `${name} ${release} or newer, with its own default profile`;
    return [{ kind: 'engine', title, change: { kind: 'engine', name, version: release }, after }];
  }
  return [];
}

/** runc's ENOSYS stub is the one thing that a runtime changes for a call that the profile does not name. */
export async function runtimeCandidates(
  { context }: FilterPrediction,
  questions: readonly Question[],
  helps: Helps,
): Promise<readonly Candidate[]> {
  if (!questions.every((question) => copesWith(ENOSYS, question))) return [];
  const name: RuntimeName = 'runc';
  const known = runtimeReleases(name).map((release) => release.version);
  const newest = newestRelease(known);
  if (newest === undefined) return [];
  const other = context.runtime.name !== name;
  const last = await predict({ ...context, runtime: { name, version: newest } });
  if (!helps(last)) return [];
  if (other) {
    const title = `${name} instead of ${context.runtime.name}: its ENOSYS stub answers calls newer than the profile`;
    return [{ kind: 'runtime', title, change: { kind: 'runtime', name, version: newest }, after: last }];
  }
  for (const version of newerThan(context.runtime.version, known)) {
    const after = await predict({ ...context, runtime: { name, version } });
    if (!helps(after)) continue;
    const title = `${name} ${version} or newer: its ENOSYS stub answers calls newer than the profile`;
    return [{ kind: 'runtime', title, change: { kind: 'runtime', name, version }, after }];
  }
  return [];
}

/** The first libseccomp that knows a name which the profile has and this one drops. */
export async function libseccompCandidates(
  { context, runtime }: FilterPrediction,
  questions: readonly Question[],
  helps: Helps,
): Promise<readonly Candidate[]> {
  const dropped = runtime.rules.some(
    ({ name, outcome }) =>
      (outcome === 'unknown-name' || outcome === 'not-on-abi') &&
      questions.some((question) => question.name === name),
  );
  if (!dropped) return [];
  for (const version of newerThan(context.libseccomp, libseccompReleases)) {
    const after = await predict({ ...context, libseccomp: version });
    if (!helps(after)) continue;
    const title = `a ${context.runtime.name} with libseccomp ${version} or newer: the profile names the call, libseccomp ${context.libseccomp} does not know it`;
    return [{ kind: 'libseccomp', title, change: { kind: 'libseccomp', version }, after }];
  }
  return [];
}

/** Oldest first; builds of distributions only after a build of theirs. */
function newerThan(version: string, known: readonly string[]): readonly string[] {
  return sortedReleases(known.filter((candidate) => !candidate.includes('+'))).filter(
    (candidate) => compareVersions(candidate, version) > 0,
  );
}
