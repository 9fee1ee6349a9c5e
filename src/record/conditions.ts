import type { Context } from '../engine/context.js';
import { predict } from '../explain/predict.js';
import type { OciArg } from '../profile/argument.js';
import type { AskedArguments } from './argumentsAsked.js';

/** Calls that an engine's default allows with some arguments only: alternatives, each a list of comparisons. */
export type Conditions = ReadonlyMap<string, readonly (readonly OciArg[])[]>;

/**
 * The conditions that the default profile puts on calls in a container: clone without namespaces, socket without some
 * families. A recorded profile keeps them where the run did.
 */
export async function defaultConditions(context: Context): Promise<Conditions> {
  const prediction = await predict({ ...context, seccomp: { kind: 'default' } });
  if (prediction.kind !== 'filter') return new Map();
  const conditions = new Map<string, (readonly OciArg[])[]>();
  const open = new Set<string>();
  for (const { names, action, args } of prediction.oci.syscalls) {
    if (action !== 'SCMP_ACT_ALLOW') continue;
    for (const name of names)
      if (args.length === 0) open.add(name);
      else conditions.set(name, [...(conditions.get(name) ?? []), args]);
  }
  for (const name of open) conditions.delete(name);
  return conditions;
}

/** What has to be recorded to tell whether a run keeps the conditions, beside what was asked for. */
export function argumentsToRecord(conditions: Conditions, asked: AskedArguments = new Map()): AskedArguments {
  const indices = new Map([...asked].map(([name, own]) => [name, new Set(own)]));
  for (const [name, alternatives] of conditions) {
    const own = indices.get(name) ?? new Set<number>();
    for (const { index } of alternatives.flat()) own.add(index);
    indices.set(name, own);
  }
  return new Map([...indices].map(([name, own]) => [name, [...own].sort()]));
}
