import { behaves, behaviourSince } from '../../engine/behaviours.js';
import { CallgateError } from '../../error.js';
import { combinePolicies } from '../../policy/combine.js';
import type { Policy } from '../../policy/policy.js';
import type { Profile } from '../../profile/profile.js';
import { diffPolicies } from '../diff.js';
import type { FilterPrediction, Prediction } from '../predict.js';
import { openProfile } from '../remedies/editor.js';
import { abisOf } from '../summary.js';
import { type Draft, NOTIFY, rulesWithout } from './draftRules.js';
import { type Heard, heard } from './heard.js';
import { metadataText } from './metadata.js';
import { answersOf } from './originalAnswers.js';
import { stubKeeping } from './stubKeeping.js';

/** A profile whose denials go to an agent, which answers them as the profile did that it was made of. */
export interface WatchProfile extends Heard {
  /** The whole profile. */
  readonly text: string;
  readonly layout: 'docker' | 'oci';
  readonly after: FilterPrediction;
}

/**
 * The profile that answers every call as a container's own does, if an agent answers what is notified: with NOTIFIED
 * taken for the original answer the two policies are equal, which is proved. What the original allows never goes to
 * the agent, and what no rule can say without changing an answer stays in the kernel.
 *
 * The default action stays: runc takes no NOTIFY there, and a number that nobody knows is nothing to report. The calls
 * that it denies are named in rules behind the profile's own. There an unconditional rule of the profile wins over them
 * (libseccomp keeps the first), so that the result holds for any capabilities of a container, as the profile does.
 *
 * @param listenerPath absolute path of the agent's socket
 * @throws CallgateError `INPUT` when the engine does not hand a listener on, when the profile has one already, or when
 *   nothing that it denies can be watched
 */
export async function watchProfile(before: FilterPrediction, listenerPath: string): Promise<WatchProfile> {
  refuseUnusable(before, listenerPath);
  const editor = await openProfile(before);
  const draft: Draft = {
    before,
    profile: editor.profile,
    // Rules that another container gets are not touched: the metadata knows this container's answers.
    idle: new Set(editor.profile === before.profile ? before.dropped.map(({ rule }) => rule) : []),
    movesStub: stubKeeping(editor.profile, abisOf(before.policy, before.context.arch)),
  };
  const attempt = attempts(draft, listenerPath, editor.simulate);
  const { policy, context } = before;
  const metadata = metadataText(before, answersOf(policy, attempt.after.policy));
  const { text, after } = editor.simulate({ ...attempt.profile, listenerMetadata: metadata });
  const final = filterOf(after);
  if (!diffPolicies(policy, answered(policy, final.policy), context.arch).equal)
    throw new TypeError('the metadata changed what the profile answers');
  const { watched, silent } = heard(draft, final.policy);
  if (watched.length === 0) {
    if (attempt.refused !== undefined) filterOf(attempt.refused);
    throw nothingToWatch(before);
  }
  return { text, layout: editor.layout, after: final, watched, silent };
}

/** Each round takes back a call at least. */
const MOST_ROUNDS = 100;

function attempts(
  draft: Draft,
  listenerPath: string,
  simulate: (changed: Profile) => { readonly after: Prediction },
): { readonly profile: Profile; readonly after: FilterPrediction; readonly refused: Prediction | undefined } {
  const { before } = draft;
  const left = new Set<string>();
  let refused: Prediction | undefined;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const rules = rulesWithout(draft, left);
    const profile = {
      ...draft.profile,
      listenerPath,
      rules: rules.map(({ rule }) => rule),
      locate: () => undefined,
    };
    const { after } = simulate(profile);
    if (after.kind === 'filter') {
      const { changes, equal } = diffPolicies(
        before.policy,
        answered(before.policy, after.policy),
        before.context.arch,
      );
      if (equal) return { profile, after, refused };
      const known = left.size;
      for (const { syscall } of changes) left.add(syscall);
      if (left.size > known) continue;
    } else if (after.kind === 'loadError' && after.at !== undefined) {
      const { at, profile: read } = after;
      const guilty = rules.find((_, index) => read?.locate(['syscalls', index])?.line === at.line);
      if (guilty?.added === true) {
        refused = after;
        for (const name of guilty.rule.names) left.add(name);
        continue;
      }
    }
    filterOf(after);
    break;
  }
  throw new CallgateError('INPUT', 'this profile cannot be watched: its rules leave no room for others');
}

/** What a container gets when the agent gives the original's answer. An agent only denies. */
function answered(original: Policy, watched: Policy): Policy {
  return combinePolicies(original, watched, (own, action) =>
    action.kind === 'notify' && own.kind === 'errno' ? own : action,
  );
}

function filterOf(prediction: Prediction): FilterPrediction {
  switch (prediction.kind) {
    case 'filter':
      return prediction;
    case 'loadError':
    case 'unknown':
      throw new CallgateError(
        'INPUT',
        `no container starts with a profile that notifies: ${prediction.message === '' && 'reason' in prediction ? prediction.reason : prediction.message}`,
      );
    case 'unconfined':
      throw new TypeError('a profile with rules came to no filter');
  }
}

function refuseUnusable({ oci, context }: FilterPrediction, listenerPath: string): void {
  if (!listenerPath.startsWith('/'))
    throw new CallgateError('USAGE', `${listenerPath}: a listener's path must be absolute`);
  if (oci.defaultAction === NOTIFY || oci.syscalls.some(({ action }) => action === NOTIFY))
    throw new CallgateError('INPUT', 'this profile hands calls to an agent already', {
      hint: 'a filter has one listener: name the profile that it was made of',
    });
  const { engine, seccomp } = context;
  if (seccomp.kind === 'oci' || behaves(engine.name, engine.version, 'listener')) return;
  const since = behaviourSince(engine.name, 'listener');
  throw new CallgateError(
    'INPUT',
    `${engine.name} ${engine.version} does not hand listenerPath on to its runtime, which then starts no container`,
    {
      ...(since === undefined ? {} : { hint: `${engine.name} does since ${since.since} (${since.source})` }),
    },
  );
}

function nothingToWatch({ oci }: FilterPrediction): CallgateError {
  return new CallgateError('INPUT', 'this profile denies nothing that an agent could answer', {
    hint: `its default action is ${oci.defaultAction}; an agent answers what SCMP_ACT_ERRNO denies`,
  });
}
