import { runtimeReleases } from '../engine/bundles.js';
import type { Context, RuntimeName } from '../engine/context.js';
import { loadDefaults } from '../engine/defaults.js';
import { newestRelease } from '../engine/releaseWord.js';
import type { Profile, ProfileRule } from '../profile/profile.js';
import { abi as abiOf } from '../syscalls/abis.js';
import { capabilities } from '../syscalls/capabilities.js';
import { compareVersions } from '../versions.js';
import { type Answer, answer, type Question } from './answer.js';
import type { Remedy } from './explanation.js';
import { reactionsTo } from './libc.js';
import { opens } from './opens.js';
import { type FilterPrediction, type Prediction, predict, predictProfile } from './predict.js';
import { type Verdict, verdictWord } from './verdict.js';

type Candidate = Pick<Remedy, 'kind' | 'title' | 'patch'> & { readonly after: Prediction };

/**
 * Ways out for a denied call, the one that opens least first and unconfined last. Each is simulated in the same
 * context: one that would not help is not listed, and what it opens beside the call is counted.
 */
export async function remediesFor(before: FilterPrediction, question: Question): Promise<readonly Remedy[]> {
  const was = answer(before.policy, question);
  const candidates = [
    ...ruleCandidates(before, question, was),
    ...(await capabilityCandidates(before, question)),
    ...(await engineCandidates(before, question, was)),
    ...(await runtimeCandidates(before, question, was)),
  ];
  const helpful = candidates.flatMap(({ after, ...remedy }): readonly Remedy[] => {
    const now = after.kind === 'filter' ? answer(after.policy, question) : undefined;
    if (now === undefined || !isBetter(was, now, question)) return [];
    return [{ ...remedy, verdict: now.verdict, opens: counted(opens(before, after, question.abi)) }];
  });
  const last: Prediction = {
    kind: 'unconfined',
    context: before.context,
    stage: 'engine',
    reason: 'no filter',
  };
  return [
    ...helpful.sort((a, b) => a.opens.count - b.opens.count),
    {
      kind: 'unconfined',
      title: 'no filter at all: --security-opt seccomp=unconfined',
      verdict: { action: 'SCMP_ACT_ALLOW' },
      opens: counted(opens(before, last, question.abi)),
      patch: '--security-opt seccomp=unconfined',
    },
  ];
}

const counted = (calls: readonly string[]): Remedy['opens'] => ({ count: calls.length, calls });

/** Allowed where it was not, or an ENOSYS that every known caller copes with where the errno was fatal. */
function isBetter(was: Answer, now: Answer, question: Question): boolean {
  if (now.action?.kind === 'allow' || now.action?.kind === 'log') return true;
  return isFallback(now.verdict, question) && !isFallback(was.verdict, question);
}

function isFallback(verdict: Verdict, { name, abi }: Question): boolean {
  if (verdict.errno !== 'ENOSYS' || name === undefined) return false;
  const reactions = reactionsTo(name, 'ENOSYS', abiOf(abi).bits);
  return reactions.length > 0 && reactions.every(({ copes }) => copes);
}

/** One rule in front of the profile's own: in libseccomp the first unconditional rule of a call wins. */
function ruleCandidates(
  { context, profile }: FilterPrediction,
  question: Question,
  was: Answer,
): readonly Candidate[] {
  const { name } = question;
  if (name === undefined || context.seccomp.kind === 'oci') return [];
  const args = (question.args ?? []).flatMap((value, index) =>
    value === undefined ? [] : [{ index, value, valueTwo: 0n, op: 'SCMP_CMP_EQ' }],
  );
  const rule = (action: string, more: Partial<ProfileRule> = {}): ProfileRule => ({
    names: [name],
    action,
    args: [],
    includes: { caps: [], arches: [] },
    excludes: { caps: [], arches: [] },
    ...more,
  });
  const rules: [string, ProfileRule][] = [];
  if (was.verdict.errno !== 'ENOSYS' && isFallback({ action: 'SCMP_ACT_ERRNO', errno: 'ENOSYS' }, question)) {
    rules.push([
      `answer ${name} with ENOSYS, so that its callers fall back`,
      rule('SCMP_ACT_ERRNO', { errnoRet: 38 }),
    ]);
  }
  if (args.length > 0)
    rules.push([`allow ${name} with these arguments only`, rule('SCMP_ACT_ALLOW', { args })]);
  rules.push([`allow ${name}`, rule('SCMP_ACT_ALLOW')]);
  return rules.map(([title, added]) => ({
    kind: 'profile-rule',
    title: `${title}: one rule in front of the profile's`,
    patch: ruleText(added),
    after: predictProfile(context, withRule(profile, added), context.seccomp.kind === 'default'),
  }));
}

function withRule(profile: Profile, rule: ProfileRule): Profile {
  return {
    ...profile,
    rules: [rule, ...profile.rules],
    // Only the rules have moved by one.
    locate: ([head, index, ...rest]) => {
      if (head !== 'syscalls' || typeof index !== 'number')
        return profile.locate(head === undefined ? [] : [head]);
      return index === 0 ? undefined : profile.locate([head, index - 1, ...rest]);
    },
  };
}

function ruleText({ names, action, errnoRet, args }: ProfileRule): string {
  const shown = args
    .map(({ index, value, op }) => `{"index": ${index}, "value": ${value}, "op": "${op}"}`)
    .join(', ');
  const errno = errnoRet === undefined ? '' : `, "errnoRet": ${errnoRet}`;
  return `{"names": ${JSON.stringify(names)}, "action": "${action}"${errno}${args.length > 0 ? `, "args": [${shown}]` : ''}}`;
}

/** Capabilities that a rule naming the call asks for and the container lacks. */
async function capabilityCandidates(
  { context, profile, dropped }: FilterPrediction,
  { name }: Question,
): Promise<readonly Candidate[]> {
  const wanted = new Map<string, readonly string[]>();
  for (const { rule: index, condition, values } of dropped) {
    const rule = profile.rules[index];
    if (condition !== 'includes.caps' || name === undefined || rule === undefined) continue;
    if (rule.name === name || rule.names.includes(name)) wanted.set(values.join(' '), values);
  }
  const result: Candidate[] = [];
  for (const caps of wanted.values()) {
    const flags = caps.map((cap) => `--cap-add ${cap.replace(/^CAP_/, '')}`).join(' ');
    const set = new Set([...context.capabilities, ...caps]);
    const all = capabilities.filter((row) => set.has(row.name)).map((row) => row.name);
    result.push({
      kind: 'capability',
      title: `give the container ${caps.join(' and ')}: ${flags} (the kernel grants more with it than this call)`,
      patch: flags,
      after: await predict({ ...context, capabilities: all }),
    });
  }
  return result;
}

/** The first newer release of the engine whose own default helps. */
async function engineCandidates(
  { context }: FilterPrediction,
  question: Question,
  was: Answer,
): Promise<readonly Candidate[]> {
  if (context.seccomp.kind !== 'default') return [];
  const { name, version } = context.engine;
  const defaults = await loadDefaults(name);
  const seen = new Set([defaults.profileId(version)]);
  const newer = defaults.releases
    .filter((release) => compareVersions(release.version, version) > 0)
    .sort((a, b) => compareVersions(a.version, b.version));
  for (const release of newer) {
    const id = defaults.profileId(release.version);
    if (id === undefined || seen.has(id)) continue;
    seen.add(id);
    const after = await predict({ ...context, engine: { name, version: release.version } });
    if (after.kind !== 'filter' || !isBetter(was, answer(after.policy, question), question)) continue;
    return [
      { kind: 'engine', title: `${name} ${release.version} or newer, with its own default profile`, after },
    ];
  }
  return [];
}

/** runc's ENOSYS stub is the one thing that another runtime changes for a call that the profile does not name. */
async function runtimeCandidates(
  { context }: FilterPrediction,
  question: Question,
  was: Answer,
): Promise<readonly Candidate[]> {
  const other: RuntimeName = 'runc';
  if (
    context.runtime.name === other ||
    was.verdict.errno === 'ENOSYS' ||
    !isFallback({ action: 'SCMP_ACT_ERRNO', errno: 'ENOSYS' }, question)
  )
    return [];
  const version = newestRelease(runtimeReleases(other).map((release) => release.version));
  if (version === undefined) return [];
  const after = await predict({ ...context, runtime: { name: other, version } });
  return [
    {
      kind: 'runtime',
      title: `${other} instead of ${context.runtime.name}: its ENOSYS stub answers calls newer than the profile`,
      after,
    },
  ];
}

/** A remedy in one line. */
export function remedyText({ title, verdict, opens: { count } }: Remedy): string {
  return `${title} → ${verdictWord(verdict)}; opens ${count === 0 ? 'no other call' : `${count} call${count === 1 ? '' : 's'}`}`;
}
