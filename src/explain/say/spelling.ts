import type { Action } from '../../policy/action.js';
import type { OciArg } from '../../profile/argument.js';
import { findBehaviour } from '../../runtime/behaviours.js';
import type { ResolvedRule } from '../../runtime/result.js';
import { ACTIONS, EPERM, makeAction } from '../../runtime/words.js';
import { syscallName } from '../../syscalls/table.js';
import type { FilterPrediction } from '../predict.js';

/** One rule of a call; no comparisons: whatever the arguments are. */
export interface SpelledRule {
  readonly action: Action;
  readonly args: readonly OciArg[];
}

/** How a profile says what a call gets: alternatives, and what holds where none of them does. */
export interface Spelling {
  readonly otherwise: Action;
  readonly rules: readonly SpelledRule[];
}

/** What calls without a rule get, as far as libseccomp is asked (runc's ENOSYS stub stands in front of that). */
export function defaultActionOf({ oci, context: { runtime } }: FilterPrediction): Action {
  const { kind } = ACTIONS.get(oci.defaultAction) ?? { kind: 'kill_thread' };
  const honoured = findBehaviour(runtime.name, runtime.version, 'default-errno') !== undefined;
  return makeAction(kind, honoured ? (oci.defaultErrnoRet ?? EPERM) : EPERM);
}

/** The spelling of every call that a container's profile names and its libseccomp knows. */
export function spellingsOf(prediction: FilterPrediction): ReadonlyMap<string, Spelling> {
  const otherwise = defaultActionOf(prediction);
  const found = new Map<string, Map<string, SpelledRule>>();
  for (const resolved of prediction.runtime.rules) {
    const { outcome, action } = resolved;
    if (outcome !== 'applied' && outcome !== 'covered') continue;
    const { name, conditions } = carried(resolved);
    const rules = found.get(name) ?? new Map<string, SpelledRule>();
    found.set(name, rules);
    for (const args of conditions.length === 0 ? [[]] : conditions)
      rules.set(keyOf({ action, args }), { action, args });
  }
  return new Map(
    [...found].map(([name, rules]) => {
      const all = [...rules.values()];
      const plain = all.find(({ args }) => args.length === 0);
      return [name, plain === undefined ? { otherwise, rules: all } : { otherwise: plain.action, rules: [] }];
    }),
  );
}

/** A rule on socket is one on socketcall as well, where there is one: with the call's number as its only comparison. */
function carried(rule: ResolvedRule): Pick<ResolvedRule, 'name' | 'conditions'> {
  const { name, conditions, multiplexedCall, abi, number } = rule;
  const via = abi === undefined || number === undefined ? undefined : syscallName(number, abi);
  if (multiplexedCall === undefined || via === undefined) return { name, conditions };
  const arg = { index: 0, value: BigInt(multiplexedCall), valueTwo: 0n, op: 'SCMP_CMP_EQ' };
  return { name: via, conditions: [[arg]] };
}

/** Two rules with one key are the same rule. */
export function keyOf({ action, args }: SpelledRule): string {
  const words = args.map(({ index, op, value, valueTwo }) => `${index} ${op} ${value} ${valueTwo}`);
  return `${JSON.stringify(action)} ${words.sort().join()}`;
}
