import { type Action, sameAction } from '../../policy/action.js';
import type { Diagrams } from '../../policy/diagram.js';
import type { Policy } from '../../policy/policy.js';
import { answerPairs } from '../../policy/product.js';
import { reachOf } from '../../policy/reach.js';
import { letsRun } from '../../policy/widening.js';
import { scmpAction } from '../../policy/words.js';
import type { Profile, ProfileRule } from '../../profile/profile.js';
import { findBehaviour } from '../../runtime/behaviours.js';
import { ENOSYS, EPERM } from '../../runtime/words.js';
import type { AbiName } from '../../syscalls/abi.js';
import { syscallNumber, syscallsOf } from '../../syscalls/table.js';
import { decisionOf } from '../answer.js';
import { boundedDiagrams } from '../bounded.js';
import type { FilterPrediction, Prediction } from '../predict.js';
import { type Editor, newRule } from '../remedies/editor.js';
import { abisOf } from '../summary.js';
import { keyOf, type SpelledRule } from './spelling.js';

/** What a profile is to come to. */
export interface Wanted {
  readonly policy: Policy;
  readonly defaultAction: Action;
  readonly architectures: readonly string[];
  /** Everything else besides rules, as it is to be written. */
  readonly head: Pick<Profile, 'flags' | 'listenerPath' | 'listenerMetadata'>;
  /** Ways to say what a call is to get, the likeliest first; each is tried in the runtime's model. */
  readonly ways: (name: string) => readonly (readonly SpelledRule[])[];
}

/** The profile that comes closest, as text; `after` is what the runtime makes of it. */
export interface Said {
  readonly text: string;
  readonly after: Prediction;
}

/** A way's distance from what is wanted: the same, refused otherwise or narrower, wider, no container starts. */
type Distance = 0 | 1 | 2 | 3;

interface Choice {
  readonly name: string;
  readonly places: readonly { readonly abi: AbiName; readonly number: number }[];
  readonly ways: readonly (readonly SpelledRule[])[];
  at: number;
  /** What each way came to when it was tried last. */
  readonly distances: (Distance | undefined)[];
}

/** A call's way can change another's result through runc's ENOSYS stub, which ends at the largest number named. */
const MOST_ROUNDS = 60;

/**
 * Looks for rules with which the editor's engine, runtime and libseccomp come to a policy. Nothing is taken for
 * granted: every way of saying a call is simulated; where none gives what is wanted, one is kept that lets no more run.
 *
 * @throws CallgateError `INPUT` when conditions over arguments are too many to compare
 */
export function sayPolicy(editor: Editor, before: FilterPrediction, wanted: Wanted): Said {
  const { arch, libseccomp, runtime } = before.context;
  const native = abisOf(wanted.policy, arch);
  const choices = choicesOf(wanted, native, libseccomp);
  const word = (action: Action): string =>
    action.kind === 'kill_thread' &&
    findBehaviour(runtime.name, runtime.version, 'action-kill-thread') === undefined
      ? 'SCMP_ACT_KILL'
      : scmpAction(action);
  const profile = (rules: readonly ProfileRule[]): Profile => ({
    dialect: editor.layout,
    source: editor.profile.source,
    ...wanted.head,
    defaultAction: word(wanted.defaultAction),
    ...errnoField('defaultErrnoRet', wanted.defaultAction),
    architectures: wanted.architectures,
    archMap: [],
    rules,
    notes: [],
    locate: () => undefined,
  });
  const ruleOf = (names: readonly string[], { action, args }: SpelledRule): ProfileRule =>
    newRule(names, word(action), { args, ...errnoField('errnoRet', action) });
  boundedDiagrams((diagrams) => {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const origins: { readonly choice: Choice; readonly rule: SpelledRule }[] = choices.flatMap((choice) =>
        (choice.ways[choice.at] ?? []).map((rule) => ({ choice, rule })),
      );
      const { after } = editor.simulate(
        profile(origins.map(({ choice, rule }) => ruleOf([choice.name], rule))),
      );
      const changed =
        after.kind === 'filter'
          ? measure(choices, wanted.policy, after.policy, diagrams)
          : exclude(choices, origins, after);
      if (!changed) break;
    }
  });
  return editor.simulate(profile(grouped(choices).map(({ names, rule }) => ruleOf(names, rule))));
}

function errnoField<Key extends string>(key: Key, action: Action): { readonly [K in Key]?: number } {
  const value = action.kind === 'errno' ? action.errno : action.kind === 'trace' ? action.data : EPERM;
  return value === EPERM ? {} : ({ [key]: value } as { [K in Key]: number });
}

function choicesOf(wanted: Wanted, native: readonly AbiName[], libseccomp: string): Choice[] {
  const places = new Map<string, { abi: AbiName; number: number }[]>();
  for (const abi of native)
    for (const { name, number } of syscallsOf(abi)) {
      if (syscallNumber(name, abi, libseccomp) === undefined) continue;
      const list = places.get(name) ?? [];
      places.set(name, list);
      list.push({ abi, number });
    }
  const anchors = new Set(
    letsRun(wanted.defaultAction) ? [] : native.flatMap((abi) => lastSaid(wanted.policy, abi, places)),
  );
  return [...places].map(([name, at]) => {
    const asDefault: readonly SpelledRule[] = [{ action: wanted.defaultAction, args: [] }];
    const first = guesses(wanted, at);
    const ways = [
      ...(anchors.has(name) && first[0]?.length === 0 ? [asDefault] : []),
      ...first,
      ...wanted.ways(name),
      [],
      asDefault,
      ...lastResorts(wanted.defaultAction),
    ];
    const distinct = new Map(
      ways.flatMap((way) => {
        const rules = new Map(way.map((rule) => [keyOf(rule), rule]));
        // Beside a rule for all arguments no other one has a meaning.
        const mixed = rules.size > 1 && way.some(({ args }) => args.length === 0);
        return mixed ? [] : [[[...rules.keys()].sort().join(';'), [...rules.values()]] as const];
      }),
    );
    return { name, places: at, ways: [...distinct.values()], at: 0, distances: [] };
  });
}

/**
 * The call with the largest number that is not to get ENOSYS. runc answers ENOSYS above the largest number that any rule
 * names, also one that is then dropped for its default action, so this call has to be named.
 */
function lastSaid(policy: Policy, abi: AbiName, places: ReadonlyMap<string, unknown>): readonly string[] {
  const calls = syscallsOf(abi).toSorted((a, b) => a.number - b.number);
  const getsEnosys = (number: number): boolean => {
    const decision = decisionOf(policy, { abi, number });
    return decision.kind === 'leaf' && isEnosys(decision.action);
  };
  if (!getsEnosys((calls.at(-1)?.number ?? 0) + 1)) return [];
  const last = calls.findLast(({ name, number }) => places.has(name) && !getsEnosys(number));
  return last === undefined ? [] : [last.name];
}

const isEnosys = (action: Action): boolean => action.kind === 'errno' && action.errno === ENOSYS;

/** One action for all arguments is said by one rule, or by none; ENOSYS may come by itself. */
function guesses({ policy, defaultAction }: Wanted, places: Choice['places']): readonly SpelledRule[][] {
  const [first] = places;
  const decision = first === undefined ? undefined : decisionOf(policy, first);
  if (decision?.kind !== 'leaf') return [];
  const { action } = decision;
  if (sameAction(action, defaultAction)) return [[]];
  return isEnosys(action) ? [[], [{ action, args: [] }]] : [[{ action, args: [] }]];
}

/** Where calls without a rule run, an unsayable refusal becomes another one. */
function lastResorts(defaultAction: Action): readonly SpelledRule[][] {
  return letsRun(defaultAction) ? [[{ action: { kind: 'errno', errno: EPERM }, args: [] }]] : [];
}

/** Notes what the ways that were tried came to, and tries others for those that are not it. */
function measure(choices: readonly Choice[], wanted: Policy, got: Policy, diagrams: Diagrams): boolean {
  let changed = false;
  for (const choice of choices) {
    choice.distances[choice.at] = distanceOf(choice, wanted, got, diagrams);
    if (advance(choice)) changed = true;
  }
  return changed;
}

function distanceOf({ places }: Choice, wanted: Policy, got: Policy, diagrams: Diagrams): Distance {
  let worst: Distance = 0;
  for (const place of places) {
    const [left, right] = [decisionOf(wanted, place), decisionOf(got, place)];
    if (left === right) continue;
    const [a, b] = [diagrams.of(left), diagrams.of(right)];
    if (a === b) continue;
    if (answerPairs(diagrams, a, b).some((pair) => reachOf(pair.right) > reachOf(pair.left))) return 2;
    worst = 1;
  }
  return worst;
}

/** Goes on to a way that was not tried, or to the best one. */
function advance(choice: Choice): boolean {
  const { distances, ways, at } = choice;
  if (distances[at] === 0) return false;
  const untried = ways.findIndex((_, index) => distances[index] === undefined);
  const best = Math.min(...distances.map((distance) => distance ?? 3));
  choice.at = untried >= 0 ? untried : distances.findIndex((distance) => distance === best);
  return choice.at !== at;
}

/** Takes back the rule that keeps the container from starting, and all others of the same kind. */
function exclude(
  choices: readonly Choice[],
  origins: readonly { readonly choice: Choice; readonly rule: SpelledRule }[],
  after: Prediction,
): boolean {
  if (after.kind !== 'loadError' || after.at === undefined) return false;
  const { profile, at } = after;
  const guilty = origins.find((_, index) => profile?.locate(['syscalls', index])?.line === at.line);
  if (guilty === undefined) return false;
  // A rule for all arguments is refused for its action, whatever the call; others for what stands beside them.
  const kind = guilty.rule.args.length === 0 ? keyOf(guilty.rule) : undefined;
  for (const choice of choices)
    choice.ways.forEach((way, index) => {
      const same = choice === guilty.choice && index === choice.at;
      if (same || way.some((rule) => keyOf(rule) === kind)) choice.distances[index] = 3;
    });
  for (const choice of choices) advance(choice);
  return true;
}

/** Calls with the same rules share them. */
function grouped(
  choices: readonly Choice[],
): readonly { readonly names: readonly string[]; readonly rule: SpelledRule }[] {
  const groups = new Map<string, { names: string[]; rule: SpelledRule }>();
  for (const { name, ways, at } of choices)
    for (const rule of ways[at] ?? []) {
      const key = keyOf(rule);
      const group = groups.get(key) ?? { names: [], rule };
      groups.set(key, group);
      group.names.push(name);
    }
  return [...groups.values()]
    .map(({ names, rule }) => ({ names: names.sort(), rule }))
    .sort((a, b) => a.rule.args.length - b.rule.args.length || b.names.length - a.names.length);
}
