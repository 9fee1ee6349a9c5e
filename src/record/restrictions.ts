import { compares, type OciArg } from '../profile/argument.js';
import type { AbiName } from '../syscalls/abi.js';
import { type Restriction, restrict } from './argumentRules.js';
import type { AskedArguments } from './argumentsAsked.js';
import type { Conditions } from './conditions.js';
import type { RecordedCall } from './recording.js';
import { restrictionText } from './restrictionText.js';

/** One rule's comparisons, and where they come from. */
export interface RestrictedRule {
  readonly args: readonly OciArg[];
  readonly text: string;
}

export interface Restrictions {
  /** By the call's name; a call that is not here is allowed with any arguments. */
  readonly rules: ReadonlyMap<string, readonly RestrictedRule[]>;
  /** Calls that are restricted because it was asked for. */
  readonly asked: ReadonlySet<string>;
  readonly notes: readonly string[];
}

export type NamedCalls = ReadonlyMap<string, readonly RecordedCall[]>;

/**
 * Which recorded calls are allowed with some arguments only: with the recorded values where these were asked for, else
 * under the conditions of the engine's default, and with what the run did beyond them.
 *
 * @param free calls that something else needs with any arguments
 */
export function restrictionsOf(
  byName: NamedCalls,
  asked: AskedArguments,
  conditions: Conditions,
  free: ReadonlySet<string>,
): Restrictions {
  const rules = new Map<string, readonly RestrictedRule[]>();
  const restricted = new Set<string>();
  const notes: string[] = [];
  const openNote = (name: string, reason: string): void => {
    notes.push(`${name} is allowed with any arguments: ${reason}`);
  };
  for (const name of asked.keys()) {
    const calls = byName.get(name);
    if (calls === undefined) {
      notes.push(`${name} was not called, so that there is nothing to restrict it to`);
      continue;
    }
    const restriction = restrictAll(name, calls);
    if (restriction.kind === 'any') openNote(name, restriction.reason);
    else if (free.has(name))
      openNote(name, 'the container’s runtime calls it under the filter as well (--exact leaves that out)');
    else {
      restricted.add(name);
      rules.set(name, told(name, calls, restriction.alternatives));
    }
  }
  for (const [name, alternatives] of conditions) {
    const calls = byName.get(name);
    if (calls === undefined || asked.has(name) || free.has(name)) continue;
    const beyond = calls.map((call) => beyondOf(call, alternatives));
    const known = beyond.filter((call) => call !== undefined);
    if (known.length < beyond.length) {
      openNote(name, 'not all of its argument values were recorded');
      continue;
    }
    const more = restrictAll(
      name,
      known.filter(({ args = [] }) => args.length > 0),
    );
    if (more.kind === 'any') openNote(name, more.reason);
    else rules.set(name, [...withinDefault(alternatives), ...told(name, calls, more.alternatives)]);
  }
  return { rules, asked: restricted, notes };
}

/** The default's own conditions as rules. */
export function withinDefault(alternatives: readonly (readonly OciArg[])[]): readonly RestrictedRule[] {
  return alternatives.map((args) => ({ args, text: 'as far as the engine’s default allows it' }));
}

/** The call with those of its values that none of the alternatives lets through; undefined where values are missing. */
function beyondOf(
  call: RecordedCall,
  alternatives: readonly (readonly OciArg[])[],
): RecordedCall | undefined {
  const { args, argsIncomplete } = call;
  if (args === undefined || argsIncomplete === true) return undefined;
  const indices = new Set(alternatives.flat().map(({ index }) => index));
  if (args.some(({ values }) => [...indices].some((index) => values[index] === undefined))) return undefined;
  const passes = (values: Readonly<Record<number, bigint>>): boolean =>
    alternatives.some((all) => all.every((arg) => compares(arg, values[arg.index] ?? 0n)));
  return { ...call, args: args.filter(({ values }) => !passes(values)) };
}

/** Rules hold on all architectures, so the values of all of them count. */
function restrictAll(name: string, calls: readonly RecordedCall[]): Restriction {
  const alternatives = new Map<string, readonly OciArg[]>();
  for (const call of calls) {
    const one = restrict(name, call);
    if (one.kind === 'any') return one;
    for (const args of one.alternatives) {
      const key = args.map(({ index, op, value, valueTwo }) => `${index}${op}${value},${valueTwo}`).join();
      alternatives.set(key, args);
    }
  }
  return { kind: 'restricted', alternatives: [...alternatives.values()] };
}

function told(
  name: string,
  [first]: readonly RecordedCall[],
  alternatives: readonly (readonly OciArg[])[],
): readonly RestrictedRule[] {
  const abi: AbiName = first?.abi ?? 'x86_64';
  return alternatives.map((args) => ({ args, text: restrictionText(name, abi, args) }));
}
