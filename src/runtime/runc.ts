import type { OciRule, OciSeccomp } from '../engine/oci.js';
import { type Action, sameAction } from '../policy/action.js';
import type { AbiName } from '../syscalls/abi.js';
import { isKnownName } from '../syscalls/table.js';
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
import { addAbi, createFilter, type Filter, type LibseccompError } from './libseccomp/filter.js';
import { releaseHas } from './libseccomp/releases.js';
import { flagNotes, ignoredErrnos } from './notes.js';
import type { RuntimeResult } from './result.js';
import { applyStub, findStub } from './stub.js';
import type { RuntimeTarget } from './target.js';
import { ACTIONS, EPERM, FLAGS, makeAction, OPERATORS, RUNC_ARCHES } from './words.js';

/** Names from which on runc asks libseccomp for a binary tree. */
const TREE_NAMES = 32;

/** What runc makes of a configuration (libcontainer/specconv SetupSeccomp, then libcontainer/seccomp InitSeccomp). */
export function applyRunc(oci: OciSeccomp, target: RuntimeTarget): RuntimeResult {
  if (oci.defaultAction === '' && oci.syscalls.length === 0)
    return {
      kind: 'unconfined',
      reason: 'runc takes a configuration without defaultAction and syscalls for none',
    };
  const has = (name: BehaviourName): boolean =>
    findBehaviour('runc', target.runtime.version, name) !== undefined;
  checkFlags(oci, has);
  const architectures = oci.architectures.map((word) => readArch(word, has));
  const defaultAction = makeAction(
    readAction(oci.defaultAction, has),
    has('default-errno') ? (oci.defaultErrnoRet ?? EPERM) : EPERM,
  );
  const rules = oci.syscalls.map((rule, index) => readRule(rule, index, has));
  checkNotify(oci, defaultAction, target);

  const filter = createFilter(target.libseccomp, target.nativeAbi, defaultAction);
  if (filter === undefined)
    throw new LoadFailure(
      'error creating filter: could not create filter',
      'libseccomp refuses the default action (an errno of 4095 or more, or an action that is newer than the library)',
    );
  for (const architecture of architectures) addArchitecture(filter, architecture);
  const names = oci.syscalls.reduce((count, rule) => count + rule.names.length, 0);
  if (has('binary-tree') && names > TREE_NAMES && releaseHas(target.libseccomp, 'binary-tree'))
    filter.optimize = 2;

  const collection = createCollection(filter);
  for (const rule of rules) addRules(collection, rule, defaultAction, target, has);
  const { policy, instructions } = exportFilter(filter);
  if (instructions > MAX_INSTRUCTIONS)
    throw new LoadFailure(
      'error loading seccomp filter into kernel: error loading seccomp filter: invalid argument',
      tooLong(instructions),
    );
  const notes = [...ignoredErrnos(oci), ...flagNotes(oci, 'runc', target.runtime.version)];
  if (!has('enosys-stub') || isPermissive(defaultAction))
    return { kind: 'policy', policy, rules: collection.rules, notes, instructions };
  const covered = has('enosys-stub-native') ? [...architectures, target.nativeAbi] : architectures;
  const stub = findStub(oci, covered, target.libseccomp, has('enosys-stub-s390-setup'));
  return {
    kind: 'policy',
    policy: applyStub(policy, stub),
    rules: collection.rules,
    notes,
    instructions,
    stub,
  };
}

type Has = (name: BehaviourName) => boolean;

function isPermissive({ kind }: Action): boolean {
  return kind === 'allow' || kind === 'log' || kind === 'trace';
}

function checkFlags({ flags }: OciSeccomp, has: Has): void {
  if (flags === undefined || flags.length === 0) return;
  if (has('flags-rejected'))
    throw new LoadFailure('seccomp flags are not yet supported by runc', 'this release refuses any `flags`');
  if (!has('flags')) return;
  for (const flag of flags) {
    const needs = FLAGS.get(flag);
    if (needs === undefined || !has(needs))
      throw new LoadFailure(
        `seccomp flag ${flag} is not known to runc`,
        'this release does not know the flag',
      );
  }
}

function readArch(word: string, has: Has): AbiName {
  const found = RUNC_ARCHES.get(word);
  if (found === undefined || (found.needs !== undefined && !has(found.needs)))
    throw new LoadFailure(
      `string ${word} is not a valid arch for seccomp`,
      'this release of runc does not know the architecture',
    );
  return found.abi;
}

function readAction(word: string, has: Has, rule?: number): Action['kind'] {
  const found = ACTIONS.get(word);
  if (found === undefined || (found.needs !== undefined && !has(found.needs)))
    throw new LoadFailure(
      `string ${word} is not a valid action for seccomp`,
      'this release of runc does not know the action',
      rule === undefined ? undefined : { rule },
    );
  return found.kind;
}

interface ReadRule {
  readonly index: number;
  readonly rule: OciRule;
  readonly action: Action;
}

function readRule(rule: OciRule, index: number, has: Has): ReadRule {
  const kind = readAction(rule.action, has, index);
  // Without names there is no libcontainer rule, so nobody reads the operators.
  if (rule.names.length > 0)
    for (const arg of rule.args)
      if (!OPERATORS.has(arg.op))
        throw new LoadFailure(
          `string ${arg.op} is not a valid operator for seccomp`,
          'runc does not know the comparison',
          { rule: index },
        );
  return { index, rule, action: makeAction(kind, has('rule-errno') ? (rule.errnoRet ?? EPERM) : EPERM) };
}

function checkNotify(oci: OciSeccomp, defaultAction: Action, target: RuntimeTarget): void {
  const index = oci.syscalls.findIndex((rule) => rule.action === 'SCMP_ACT_NOTIFY' && rule.names.length > 0);
  if (index >= 0) {
    if (!releaseHas(target.libseccomp, 'notify'))
      throw new LoadFailure(
        'seccomp notify unsupported',
        `SCMP_ACT_NOTIFY needs libseccomp 2.5.0; this is ${target.libseccomp}`,
        { rule: index },
      );
    const write = oci.syscalls.findIndex(
      (rule) => rule.action === 'SCMP_ACT_NOTIFY' && rule.names.includes('write'),
    );
    if (write >= 0)
      throw new LoadFailure(
        'SCMP_ACT_NOTIFY cannot be used for the write syscall',
        'runc itself writes after it has loaded the filter',
        { rule: write, name: 'write' },
      );
  }
  if (defaultAction.kind === 'notify')
    throw new LoadFailure(
      'SCMP_ACT_NOTIFY cannot be used as default action',
      'runc itself makes calls after it has loaded the filter',
    );
  if (index >= 0 && (oci.listenerPath ?? '') === '')
    throw new LoadFailure(
      'listenerPath is not set',
      'SCMP_ACT_NOTIFY needs an agent to send the listener to',
      {
        rule: index,
      },
    );
}

function addArchitecture(filter: Filter, architecture: AbiName): void {
  const error = addAbi(filter, architecture);
  if (error === undefined || error === 'EEXIST') return;
  if (error === 'EINVAL')
    throw new LoadFailure(
      `error adding architecture to seccomp filter: architecture ${architecture} is not supported on this version of the library`,
      `libseccomp ${filter.libseccomp} does not have the architecture`,
      { architecture },
    );
  throw new LoadFailure(
    `error adding architecture to seccomp filter: ${ERRORS[error]}`,
    `${architecture} has another byte order than ${filter.native}; one filter cannot have both`,
    { architecture },
  );
}

/** What the Go binding makes of libseccomp's errors. */
const ERRORS: Record<LibseccompError, string> = {
  EACCES: 'requested action matches default action of filter',
  EDOM: 'numerical argument out of domain',
  EEXIST: 'file exists',
  EFAULT: 'unrecognized syscall',
  EINVAL: 'two checks on same syscall argument',
};

const REASONS: Record<LibseccompError, string> = {
  EACCES: 'a rule must not have the default action in this release of runc',
  EDOM: 'the call has no place on this architecture',
  EEXIST: 'two rules for the call overlap in a way that libseccomp cannot put into one filter',
  EFAULT: 'libseccomp has no such call',
  EINVAL:
    'libseccomp refuses the action: an errno of 4095 or more, or an action that is newer than the library',
};

function addRules(
  collection: Collection,
  { index, rule, action }: ReadRule,
  defaultAction: Action,
  target: RuntimeTarget,
  has: Has,
): void {
  for (const name of rule.names) {
    const at = { rule: index, name };
    if (name === '')
      throw new LoadFailure('empty string is not a valid syscall', 'a name of the rule is empty', at);
    const conditions = alternativesOf(rule.args, has('conditions-anded'));
    const named = { ...at, action, conditions };
    if (has('redundant-skipped') && sameAction(action, defaultAction)) {
      noteDropped(collection, named, 'redundant');
      continue;
    }
    addName(collection, named, target);
  }
}

function addName(collection: Collection, named: NamedRule, { libseccomp }: RuntimeTarget): void {
  const { name, rule, conditions } = named;
  const at = { rule, name };
  if (!isKnownName(name, libseccomp)) {
    noteDropped(collection, named, 'unknown-name');
    return;
  }
  const large = conditions.flat().find((arg) => arg.index > 5);
  if (large !== undefined)
    throw new LoadFailure(
      `error creating seccomp syscall condition for syscall ${name}: syscalls only have up to 6 arguments (${large.index} given)`,
      'an argument index must be 0 to 5',
      at,
    );
  const failed = collectRule(collection, named);
  if (failed === undefined) return;
  const what = conditions.length === 0 ? 'seccomp filter rule' : 'seccomp rule';
  // Bindings older than libseccomp's change from EPERM to EACCES pass the new one through.
  const words =
    failed.error === 'EACCES' && releaseHas(libseccomp, 'default-action-is-eacces')
      ? 'permission denied'
      : ERRORS[failed.error];
  throw new LoadFailure(`error adding ${what} for syscall ${name}: ${words}`, REASONS[failed.error], {
    ...at,
    ...(failed.abi === undefined ? {} : { abi: failed.abi }),
  });
}
