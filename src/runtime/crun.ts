import type { OciRule, OciSeccomp } from '../engine/oci.js';
import { type Action, sameAction } from '../policy/action.js';
import type { OciArg } from '../profile/argument.js';
import { abis } from '../syscalls/abis.js';
import { isKnownName, resolvedNumber } from '../syscalls/table.js';
import type { BehaviourName } from './behaviour.js';
import { findBehaviour } from './behaviours.js';
import {
  alternativesOf,
  type Collection,
  collectRule,
  createCollection,
  type NamedRule,
  noteDropped,
} from './collect.js';
import { LoadFailure, MAX_INSTRUCTIONS, tooLong } from './failure.js';
import { exportFilter } from './libseccomp/export.js';
import { addAbi, createFilter, type Filter, knowsAbi, type LibseccompError } from './libseccomp/filter.js';
import { flagNotes, ignoredErrnos, usesErrno } from './notes.js';
import type { RuntimeResult } from './result.js';
import type { RuntimeTarget } from './target.js';
import { ACTIONS, EPERM, FLAGS, makeAction, OPERATORS } from './words.js';

type Has = (name: BehaviourName) => boolean;

/** What crun makes of a configuration (src/libcrun/seccomp.c libcrun_generate_seccomp). It has no ENOSYS stub. */
export function applyCrun(oci: OciSeccomp, target: RuntimeTarget): RuntimeResult {
  const has: Has = (name) => findBehaviour('crun', target.runtime.version, name) !== undefined;
  if (oci.defaultAction === '')
    throw new LoadFailure("Required field 'defaultAction' not present", 'crun wants a defaultAction');
  const defaultAction = readAction(
    oci.defaultAction,
    has('default-errno') ? oci.defaultErrnoRet : undefined,
    has,
  );
  const filter = createFilter(target.libseccomp, target.nativeAbi, defaultAction);
  if (filter === undefined)
    throw new LoadFailure(
      'error seccomp_init',
      'libseccomp refuses the default action (an errno of 4095 or more, or an action that is newer than the library)',
    );
  for (const word of oci.architectures) addArchitecture(filter, word);
  const collection = createCollection(filter);
  oci.syscalls.forEach((rule, index) => {
    addRules(collection, rule, index, defaultAction, has);
  });
  const { policy, instructions } = exportFilter(filter);
  checkFlags(oci, has);
  if (instructions > MAX_INSTRUCTIONS)
    throw new LoadFailure('seccomp (SECCOMP_SET_MODE_FILTER): Invalid argument', tooLong(instructions));
  const notes = [...ignoredErrnos(oci), ...flagNotes(oci, 'crun', target.runtime.version)];
  return { kind: 'policy', policy, rules: collection.rules, notes, instructions };
}

function readAction(word: string, errno: number | undefined, has: Has, rule?: number): Action {
  const at = rule === undefined ? undefined : { rule };
  if (errno !== undefined && has('errno-on-other-actions-fails') && !usesErrno(word))
    throw new LoadFailure(`errno value specified for action \`${word}\``, 'the action takes no errno', at);
  const found = ACTIONS.get(word);
  if (found === undefined || (found.needs !== undefined && !has(found.needs)))
    throw new LoadFailure(
      `invalid seccomp action \`${word}\``,
      'this release of crun does not know the action',
      at,
    );
  return makeAction(found.kind, errno ?? EPERM);
}

/** Any case, with or without the prefix: crun asks libseccomp for the rest of the word. */
function addArchitecture(filter: Filter, word: string): void {
  const rest = word.startsWith('SCMP_ARCH_') ? word.slice('SCMP_ARCH_'.length) : word;
  const lower = rest.slice(0, 31).toLowerCase();
  const found = abis.find((row) => row.name === lower);
  if (found === undefined || !knowsAbi(filter.libseccomp, found.name))
    throw new LoadFailure(
      `seccomp unknown architecture \`${rest}\``,
      `libseccomp ${filter.libseccomp} does not have the architecture`,
    );
  if (addAbi(filter, found.name) === 'EDOM')
    throw new LoadFailure(
      'seccomp adding architecture: Numerical argument out of domain',
      `${found.name} has another byte order than ${filter.native}; one filter cannot have both`,
      { architecture: found.name },
    );
}

function addRules(
  collection: Collection,
  rule: OciRule,
  index: number,
  defaultAction: Action,
  has: Has,
): void {
  const action = readAction(rule.action, has('rule-errno') ? rule.errnoRet : undefined, has, index);
  const redundant = sameAction(action, defaultAction);
  for (const name of rule.names) {
    const named: NamedRule = { rule: index, name, action, conditions: [] };
    if (redundant && has('redundant-skipped')) {
      noteDropped(collection, { ...named, conditions: alternativesOf(rule.args, true) }, 'redundant');
      continue;
    }
    if (skipsName(collection.filter, named, has)) {
      noteDropped(collection, { ...named, conditions: alternativesOf(rule.args, true) }, 'unknown-name');
      continue;
    }
    addName(collection, { ...named, conditions: readConditions(rule, index, has) });
  }
}

function skipsName({ libseccomp, native }: Filter, { rule, name, action }: NamedRule, has: Has): boolean {
  if (has('unknown-names-skipped-in-allow') && action.kind === 'allow')
    return typeof resolvedNumber(name, native, libseccomp) !== 'number';
  if (isKnownName(name, libseccomp)) return false;
  if (has('unknown-names-skipped')) return true;
  throw new LoadFailure(
    `invalid seccomp syscall \`${name}\``,
    `this release of crun wants every name to be known; libseccomp ${libseccomp} does not know it`,
    { rule, name },
  );
}

/** crun has room for six comparisons and does not look at more. */
const MAX_COMPARISONS = 6;

function readConditions({ args, names }: OciRule, rule: number, has: Has): readonly (readonly OciArg[])[] {
  const read = args.slice(0, MAX_COMPARISONS);
  const at = { rule, ...(names[0] === undefined ? {} : { name: names[0] }) };
  const seen = new Set<number>();
  for (const { index } of has('index-by-position') ? [] : read) {
    if (index > 5)
      throw new LoadFailure(`invalid seccomp index \`${rule}\``, 'an argument index must be 0 to 5', at);
    // The check ends with the first index that repeats.
    if (seen.has(index)) break;
    seen.add(index);
  }
  for (const { op } of read)
    if (!OPERATORS.has(op))
      throw new LoadFailure('get_seccomp_operator', `crun does not know the comparison ${op}`, at);
  if (has('index-by-position'))
    return alternativesOf(
      read.map((arg, index) => ({ ...arg, index })),
      true,
    );
  return alternativesOf(read, true);
}

/** strerror of libseccomp's codes, as libc spells them. */
const ERRORS: Record<LibseccompError, string> = {
  EACCES: 'Permission denied',
  EDOM: 'Numerical argument out of domain',
  EEXIST: 'File exists',
  EFAULT: 'Bad address',
  EINVAL: 'Invalid argument',
};

function addName(collection: Collection, named: NamedRule): void {
  const failed = collectRule(collection, named);
  if (failed === undefined) return;
  const { rule, name, conditions } = named;
  const what = conditions.length === 0 ? `seccomp_rule_add \`${name}\`` : 'seccomp_rule_add_array';
  const reason =
    failed.error === 'EEXIST'
      ? 'two rules for the call overlap in a way that libseccomp cannot put into one filter'
      : 'libseccomp refuses the rule: an errno of 4095 or more, an argument index above 5, or an action that is newer than the library';
  throw new LoadFailure(`${what}: ${ERRORS[failed.error]}`, reason, {
    rule,
    name,
    ...(failed.abi === undefined ? {} : { abi: failed.abi }),
  });
}

function checkFlags({ flags }: OciSeccomp, has: Has): void {
  if (!has('flags')) return;
  for (const flag of flags ?? []) {
    const needs = FLAGS.get(flag);
    if (needs === undefined || !has(needs))
      throw new LoadFailure(`unknown seccomp option \`${flag}\``, 'this release does not know the flag');
  }
}
