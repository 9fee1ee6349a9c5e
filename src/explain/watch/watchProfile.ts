import { behaves, behaviourSince } from '../../engine/behaviours.js';
import { CallgateError } from '../../error.js';
import { type Action, sameAction } from '../../policy/action.js';
import { combinePolicies } from '../../policy/combine.js';
import { foldDecision } from '../../policy/fold.js';
import type { Policy } from '../../policy/policy.js';
import { answerPairs } from '../../policy/product.js';
import type { OciArg } from '../../profile/argument.js';
import type { Condition, Profile, ProfileRule } from '../../profile/profile.js';
import { callsUnderFilter } from '../../runtime/needs.js';
import { EPERM, makeAction } from '../../runtime/words.js';
import type { AbiName } from '../../syscalls/abi.js';
import { syscallNumber, syscallsOf } from '../../syscalls/table.js';
import { decisionOf } from '../answer.js';
import { boundedDiagrams } from '../bounded.js';
import { diffPolicies } from '../diff.js';
import type { FilterPrediction, Prediction } from '../predict.js';
import { newRule, openProfile } from '../remedies/editor.js';
import { defaultActionOf } from '../say/spelling.js';
import { abisOf } from '../summary.js';
import { metadataText } from './metadata.js';
import { answersOf } from './originalAnswers.js';
import { stubKeeping } from './stubKeeping.js';

/** A profile whose denials go to an agent, which answers them as the profile did that it was made of. */
export interface WatchProfile {
  /** The whole profile. */
  readonly text: string;
  readonly layout: 'docker' | 'oci';
  readonly after: FilterPrediction;
  /** Calls of the container's own ABI that the agent hears of, for all arguments that are denied. */
  readonly watched: readonly string[];
  /** Calls that are denied as before, in the kernel, and that the agent does not hear of. */
  readonly silent: readonly SilentCall[];
}

export interface SilentCall {
  readonly syscall: string;
  /**
   * `runtime`: the runtime itself may make it before the agent has the listener. `number`: its number is so large that
   * naming it would move runc's ENOSYS stub. `libseccomp`: that release has no such call. `unsayable`: a rule for it
   * would change an answer.
   */
  readonly why: 'runtime' | 'number' | 'libseccomp' | 'unsayable';
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

interface Draft {
  readonly before: FilterPrediction;
  readonly profile: Profile;
  /** Indices of rules that this container does not get. */
  readonly idle: ReadonlySet<number>;
  /** Whether naming a call would move runc's ENOSYS stub. */
  readonly movesStub: (name: string) => boolean;
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

interface DraftRule {
  readonly rule: ProfileRule;
  /** Made for the agent. */
  readonly added: boolean;
}

/** The profile's rules, refusals handed to the agent, and behind them what the default action denies. */
function rulesWithout(
  { before, profile, idle, movesStub }: Draft,
  left: ReadonlySet<string>,
): readonly DraftRule[] {
  const fallback = defaultActionOf(before);
  const stays = (name: string): boolean => left.has(name) || callsUnderFilter.has(name);
  const own = profile.rules.flatMap((rule, index): readonly DraftRule[] => {
    const action = refusalOf(rule);
    // A rule with the default action has no effect in runtimes; with another action it would get one.
    if (idle.has(index) || action === undefined || sameAction(action, fallback))
      return [{ rule, added: false }];
    return handedOver(rule, stays);
  });
  if (fallback.kind !== 'errno') return own;
  const names = deniedNames(before).filter(
    (name) => !stays(name) && !movesStub(name) && !mayGetOtherErrno(profile, name, fallback),
  );
  const conditional = names.filter((name) =>
    profile.rules.some((rule) => rule.args.length > 0 && namesOf(rule).includes(name)),
  );
  const plain = names.filter((name) => !conditional.includes(name));
  return [
    ...own,
    ...conditional.map((name) => ({ rule: newRule([name], NOTIFY, { args: [ALWAYS] }), added: true })),
    ...(plain.length === 0 ? [] : [{ rule: newRule(plain, NOTIFY), added: true }]),
  ];
}

const NOTIFY = 'SCMP_ACT_NOTIFY';

/**
 * Always true, and the last comparison that libseccomp asks: arguments from high to low, of one argument GT and GE after
 * all others, of these the largest datum first (db.c). A rule without comparisons would take the place of the others.
 */
const ALWAYS: OciArg = { index: 0, value: 0n, valueTwo: 0n, op: 'SCMP_CMP_GE' };

function handedOver(rule: ProfileRule, stays: (name: string) => boolean): readonly DraftRule[] {
  const names = namesOf(rule);
  const [kept, given] = [names.filter(stays), names.filter((name) => !stays(name))];
  const { name: _, errnoRet: __, errno: ___, ...rest } = rule;
  const notify = { rule: { ...rest, names: given, action: NOTIFY }, added: true };
  if (given.length === 0) return [{ rule, added: false }];
  const { name: ____, ...plain } = rule;
  return kept.length === 0 ? [notify] : [{ rule: { ...plain, names: kept }, added: false }, notify];
}

const namesOf = ({ name, names }: ProfileRule): readonly string[] =>
  name === undefined || name === '' ? names : [name];

/** Undefined for a rule that refuses nothing. An errno by its name (containers-common) is told apart from any number. */
function refusalOf({ action, errnoRet, errno }: ProfileRule): Action | undefined {
  if (action !== 'SCMP_ACT_ERRNO') return undefined;
  return errno === undefined ? makeAction('errno', errnoRet ?? EPERM) : { kind: 'errno', errno: -1 };
}

/** Under other capabilities, architectures or kernels the call may get another errno than the metadata says. */
function mayGetOtherErrno(profile: Profile, name: string, fallback: Action): boolean {
  return profile.rules.some((rule) => {
    const action = refusalOf(rule);
    const differs = action !== undefined && !sameAction(action, fallback);
    return (
      differs && (isCondition(rule.includes) || isCondition(rule.excludes)) && namesOf(rule).includes(name)
    );
  });
}

const isCondition = ({ caps, arches, minKernel }: Condition): boolean =>
  caps.length + arches.length > 0 || minKernel !== undefined;

/** Calls that the container is denied, on one of its ABIs and for some arguments at least. */
function deniedNames({ policy, context }: FilterPrediction): readonly string[] {
  const names = abisOf(policy, context.arch).flatMap((abi) =>
    syscallsOf(abi)
      .filter(({ number }) => has(policy, abi, number, 'errno'))
      .map(({ name }) => name),
  );
  return [...new Set(names)].sort();
}

function has(policy: Policy, abi: AbiName, number: number, kind: Action['kind']): boolean {
  return foldDecision<boolean>(decisionOf(policy, { abi, number }), {
    leaf: (action) => action.kind === kind,
    test: (_, then, otherwise) => then || otherwise,
  });
}

/** What a container gets when the agent gives the original's answer. An agent only denies. */
function answered(original: Policy, watched: Policy): Policy {
  return combinePolicies(original, watched, (own, action) =>
    action.kind === 'notify' && own.kind === 'errno' ? own : action,
  );
}

function heard({ before, movesStub }: Draft, after: Policy): Pick<WatchProfile, 'watched' | 'silent'> {
  const { arch: abi } = before.context;
  const watched: string[] = [];
  const silent: SilentCall[] = [];
  boundedDiagrams((diagrams) => {
    for (const { name, number } of syscallsOf(abi)) {
      const own = diagrams.of(decisionOf(before.policy, { abi, number }));
      const now = diagrams.of(decisionOf(after, { abi, number }));
      const denied = answerPairs(diagrams, own, now).filter(({ left }) => left.kind === 'errno');
      if (denied.length === 0) continue;
      if (denied.every(({ right }) => right.kind === 'notify')) watched.push(name);
      else silent.push({ syscall: name, why: whySilent(name, before, movesStub) });
    }
  });
  return { watched, silent };
}

function whySilent(
  name: string,
  { context }: FilterPrediction,
  movesStub: Draft['movesStub'],
): SilentCall['why'] {
  if (callsUnderFilter.has(name)) return 'runtime';
  if (movesStub(name)) return 'number';
  return syscallNumber(name, context.arch, context.libseccomp) === undefined ? 'libseccomp' : 'unsayable';
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
