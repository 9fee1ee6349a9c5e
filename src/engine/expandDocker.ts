import type { Note, Profile, ProfileRule } from '../profile/profile.js';
import type { AbiName } from '../syscalls/abi.js';
import { architecturesOf } from './architectures.js';
import { hostArch } from './archWords.js';
import { behaves } from './behaviours.js';
import { failedCondition, type World } from './condition.js';
import type { DroppedRule, Expansion } from './expansion.js';
import { droppedFieldNote, topLevelFields } from './fields.js';
import { kernelAtLeast, strictMinKernelError } from './minKernel.js';
import type { OciRule, RuleOrigin } from './oci.js';

/** The part of a context that conditions look at. */
export interface ExpandContext {
  readonly engine: { readonly version: string };
  readonly arch: AbiName;
  readonly kernel: string;
  /** Bounding set, full names. */
  readonly capabilities: readonly string[];
}

/**
 * moby's setupSeccomp: the OCI seccomp that a Docker release hands to its runtime.
 *
 * @param profile a file's profile, or a built-in default of this release (`builtin`), which is Go code and so has all
 *   its fields read whatever the release's JSON reader knows
 * @returns errors in Docker's own words, without the CLI's prefix
 */
export function expandDocker(profile: Profile, context: ExpandContext, builtin = false): Expansion {
  const { version } = context.engine;
  const is = (behaviour: Parameters<typeof behaves>[2]): boolean => behaves('docker', version, behaviour);
  if (is('min-kernel-strict')) {
    const message = minKernelError(profile);
    if (message !== undefined)
      return { kind: 'error', message: `Decoding seccomp profile failed: ${message}` };
  }
  if (profile.defaultAction === '' && profile.rules.length === 0) {
    return {
      kind: 'unconfined',
      reason: 'the profile has neither defaultAction nor syscalls, so Docker sets no filter',
    };
  }
  const conditions = builtin || is('conditions');
  if (conditions && profile.architectures.length > 0 && profile.archMap.length > 0) {
    return { kind: 'error', message: bothFields('architectures', 'archMap', is('names-checked-first')) };
  }
  const reader: Reader = {
    version,
    conditions,
    errnoRet: builtin || is('errno-ret'),
    names: builtin || is('rule-names'),
    perName: is('rule-per-name'),
    checkFirst: is('names-checked-first'),
  };
  const host = hostArch('docker', version, context.arch);
  const arches = conditions
    ? architecturesOf(profile, host)
    : {
        architectures: profile.architectures,
        notes: profile.archMap.length > 0 ? [dropped(reader, profile, 'archMap')] : [],
      };
  const top = builtin
    ? { kept: builtinFields(profile), notes: [] }
    : topLevelFields(profile, { name: 'docker', version });
  const world: World = {
    arch: host.word,
    capabilities: new Set(context.capabilities),
    kernel: context.kernel,
    atLeast:
      builtin || is('min-kernel')
        ? (minKernel) => kernelAtLeast(version, context.kernel, minKernel)
        : undefined,
  };
  const rules = expandRules(profile, reader, world);
  if (rules.kind === 'error') return rules;
  return {
    kind: 'seccomp',
    oci: {
      defaultAction: profile.defaultAction,
      ...top.kept,
      architectures: arches.architectures,
      syscalls: rules.syscalls,
    },
    dropped: rules.dropped,
    notes: [...arches.notes, ...top.notes, ...rules.notes],
  };
}

interface Reader {
  readonly version: string;
  readonly conditions: boolean;
  readonly errnoRet: boolean;
  readonly names: boolean;
  /** One OCI rule for each name. */
  readonly perName: boolean;
  readonly checkFirst: boolean;
}

type Rules =
  | {
      readonly kind: 'rules';
      readonly syscalls: readonly OciRule[];
      readonly dropped: readonly DroppedRule[];
      readonly notes: readonly Note[];
    }
  | { readonly kind: 'error'; readonly message: string };

function expandRules(profile: Profile, reader: Reader, world: World): Rules {
  const syscalls: OciRule[] = [];
  const droppedRules: DroppedRule[] = [];
  const notes: Note[] = [];
  for (const [index, rule] of profile.rules.entries()) {
    const both = reader.names && hasName(rule) && rule.names.length > 0;
    if (both && reader.checkFirst) return { kind: 'error', message: bothFields('name', 'names', true) };
    notes.push(...lostFields(profile, rule, index, reader, world));
    const failure = reader.conditions ? failedCondition(rule, world) : undefined;
    if (failure !== undefined && 'message' in failure) return { kind: 'error', message: failure.message };
    if (failure !== undefined) {
      droppedRules.push({ rule: index, ...failure });
      continue;
    }
    if (both) return { kind: 'error', message: bothFields('name', 'names', false) };
    syscalls.push(...ociRules(profile, rule, index, reader));
  }
  return { kind: 'rules', syscalls, dropped: droppedRules, notes };
}

const hasName = (rule: ProfileRule): boolean => rule.name !== undefined && rule.name !== '';

function ociRules(profile: Profile, rule: ProfileRule, index: number, reader: Reader): readonly OciRule[] {
  const at = profile.locate(['syscalls', index]);
  const origin: RuleOrigin = { rule: index, ...(at === undefined ? {} : { at }) };
  const common = {
    action: rule.action,
    ...(reader.errnoRet && rule.errnoRet !== undefined ? { errnoRet: rule.errnoRet } : {}),
    args: rule.args,
    origin,
  };
  const names = hasName(rule) ? [rule.name ?? ''] : reader.names ? rule.names : [''];
  if (!reader.perName) return [{ names, ...common }];
  return names.map((name) => ({ names: [name], ...common }));
}

/** Notes for what a rule says and this release does not read. */
function lostFields(
  profile: Profile,
  rule: ProfileRule,
  index: number,
  reader: Reader,
  world: World,
): readonly Note[] {
  const notes: Note[] = [];
  const note = (
    field: string,
    behaviour: Parameters<typeof behaves>[2] | undefined,
    effect: string,
  ): void => {
    const path = ['syscalls', index, ...field.split('.')];
    notes.push(
      droppedFieldNote(
        { name: 'docker', version: reader.version },
        field,
        behaviour,
        effect,
        profile.locate(path),
      ),
    );
  };
  if (!reader.names && rule.names.length > 0)
    note('names', 'rule-names', hasName(rule) ? 'only name counts' : 'the rule has an empty name');
  if (!reader.errnoRet && rule.errnoRet !== undefined) note('errnoRet', 'errno-ret', 'the calls get EPERM');
  if (rule.errno !== undefined) note('errno', undefined, 'the number of errnoRet counts, else EPERM');
  for (const side of ['includes', 'excludes'] as const) {
    const { caps, arches, minKernel } = rule[side];
    if (!reader.conditions && (caps.length > 0 || arches.length > 0)) {
      note(side, 'conditions', 'the rule applies to every container');
    } else if (world.atLeast === undefined && minKernel !== undefined) {
      note(`${side}.minKernel`, 'min-kernel', 'the rule applies to every kernel');
    }
  }
  return notes;
}

function dropped(reader: Reader, profile: Profile, field: 'archMap'): Note {
  const engine = { name: 'docker', version: reader.version } as const;
  return droppedFieldNote(
    engine,
    field,
    'conditions',
    'the filter knows the native ABI only',
    profile.locate([field]),
  );
}

function builtinFields(profile: Profile): { readonly defaultErrnoRet?: number } {
  return profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet };
}

/** Decoding fails on any rule's minKernel, applied or not. */
function minKernelError(profile: Profile): string | undefined {
  for (const rule of profile.rules) {
    for (const { minKernel } of [rule.includes, rule.excludes]) {
      const message = minKernel === undefined ? undefined : strictMinKernelError(minKernel);
      if (message !== undefined) return message;
    }
  }
  return undefined;
}

function bothFields(one: string, other: string, since23: boolean): string {
  return since23
    ? `both '${one}' and '${other}' are specified in the seccomp profile, use either '${one}' or '${other}'`
    : `'${one}' and '${other}' were specified in the seccomp profile, use either '${one}' or '${other}'`;
}
