import type { OciRule, OciSeccomp } from '../engine/oci.js';
import { type Action, sameAction } from '../policy/action.js';
import { isKnownName } from '../syscalls/table.js';
import { collectRule, createCollection } from './collect.js';
import { exportFilter } from './libseccomp/export.js';
import { addAbi, createFilter } from './libseccomp/filter.js';
import type { RuntimeResult, UnknownResult } from './result.js';
import type { RuntimeTarget } from './target.js';
import { ACTIONS, EPERM, makeAction, RUNC_ARCHES } from './words.js';

/**
 * What youki makes of a configuration, as far as that has been established: rules without comparisons, with names that
 * libseccomp knows, words of the specification, and actions other than the default. It has no ENOSYS stub.
 */
export function applyYouki(oci: OciSeccomp, target: RuntimeTarget): RuntimeResult {
  const defaultAction = readAction(oci.defaultAction, oci.defaultErrnoRet);
  if (defaultAction === undefined) return unknown(`the default action ${oci.defaultAction}`);
  const filter = createFilter(target.libseccomp, target.nativeAbi, defaultAction);
  if (filter === undefined) return unknown('a default action that libseccomp refuses');
  for (const word of oci.architectures) {
    const arch = RUNC_ARCHES.get(word);
    const error = arch === undefined ? 'EINVAL' : addAbi(filter, arch.abi);
    if (error !== undefined && error !== 'EEXIST') return unknown(`the architecture ${word}`);
  }
  const collection = createCollection(filter);
  for (const [index, rule] of oci.syscalls.entries()) {
    const action = readAction(rule.action, rule.errnoRet);
    if (action === undefined) return unknown(`the action ${rule.action}`);
    const doubt = doubtOf(rule, action, defaultAction, target.libseccomp);
    if (doubt !== undefined) return unknown(doubt);
    for (const name of rule.names) {
      const failed = collectRule(collection, { rule: index, name, action, conditions: [] });
      if (failed !== undefined) return unknown(`a rule on ${name} that libseccomp refuses`);
    }
  }
  return { kind: 'policy', ...exportFilter(filter), rules: collection.rules, notes: [] };
}

function doubtOf(
  rule: OciRule,
  action: Action,
  defaultAction: Action,
  libseccomp: string,
): string | undefined {
  if (rule.names.length === 0) return undefined;
  if (rule.args.length > 0) return 'rules that look at arguments';
  if (sameAction(action, defaultAction)) return 'rules with the default action';
  const unknownName = rule.names.find((name) => !isKnownName(name, libseccomp));
  return unknownName === undefined ? undefined : `names that libseccomp does not know (${unknownName})`;
}

function readAction(word: string, errno: number | undefined): Action | undefined {
  const found = ACTIONS.get(word);
  return found === undefined ? undefined : makeAction(found.kind, errno ?? EPERM);
}

function unknown(what: string): UnknownResult {
  return { kind: 'unknown', message: `what youki does with ${what} has not been established` };
}
