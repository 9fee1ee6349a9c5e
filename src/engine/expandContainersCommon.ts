import type { Note, Profile, ProfileRule } from '../profile/profile.js';
import type { AbiName } from '../syscalls/abi.js';
import { errnoNumber } from '../syscalls/constants.js';
import { architecturesOf } from './architectures.js';
import { hostArch } from './archWords.js';
import { behaves } from './behaviours.js';
import { failedCondition, type World } from './condition.js';
import type { EngineName } from './context.js';
import type { ExpandContext } from './expandDocker.js';
import type { DroppedRule, Expansion } from './expansion.js';
import { droppedFieldNote, type Release, topLevelFields } from './fields.js';
import type { OciRule } from './oci.js';

export type ContainersEngine = Extract<EngineName, 'podman' | 'buildah' | 'cri-o'>;

/**
 * setupSeccomp of containers/common (before: containers-golang), which Podman, Buildah and CRI-O share: as Docker's
 * before 23.0, but minKernel is never read and errno names win over numbers.
 *
 * @param builtin the profile is the release's own default, so all its fields count
 */
export function expandContainersCommon(
  profile: Profile,
  engineName: ContainersEngine,
  context: ExpandContext,
  builtin = false,
): Expansion {
  const engine: Release = { name: engineName, version: context.engine.version };
  if (profile.defaultAction === '' && profile.rules.length === 0) {
    return {
      kind: 'unconfined',
      reason: `the profile has neither defaultAction nor syscalls, so ${engineName} sets no filter`,
    };
  }
  if (profile.architectures.length > 0 && profile.archMap.length > 0) {
    return {
      kind: 'error',
      message:
        "'architectures' and 'archMap' were specified in the seccomp profile, use either 'architectures' or 'archMap'",
    };
  }
  const host = hostArch(engineName, engine.version, context.arch);
  const arches = architecturesOf(profile, host);
  const errnoNames = builtin || behaves(engineName, engine.version, 'errno-names');
  const fields = builtin ? { kept: builtinFields(profile), notes: [] } : topLevelFields(profile, engine);
  const defaultErrno = errnoNames
    ? readErrno(profile.defaultErrno, fields.kept.defaultErrnoRet, context.arch)
    : { value: fields.kept.defaultErrnoRet };
  if ('message' in defaultErrno) return { kind: 'error', message: defaultErrno.message };

  const notes: Note[] = [...arches.notes, ...fields.notes];
  const dropped: DroppedRule[] = [];
  const syscalls: OciRule[] = [];
  const world: World = {
    arch: host.word,
    capabilities: new Set(context.capabilities),
    kernel: context.kernel,
    atLeast: undefined,
  };
  const errnoRet = builtin || behaves(engineName, engine.version, 'errno-ret');
  for (const [index, rule] of profile.rules.entries()) {
    if (!builtin) notes.push(...lostFields(profile, rule, index, engine, { errnoNames, errnoRet }));
    const failure = failedCondition(rule, world);
    if (failure !== undefined && 'message' in failure) return { kind: 'error', message: failure.message };
    if (failure !== undefined) {
      dropped.push({ rule: index, ...failure });
      continue;
    }
    const named = rule.name !== undefined && rule.name !== '';
    if (named && rule.names.length > 0) {
      return {
        kind: 'error',
        message: "'name' and 'names' were specified in the seccomp profile, use either 'name' or 'names'",
      };
    }
    const number = errnoRet ? rule.errnoRet : undefined;
    const errno = errnoNames ? readErrno(rule.errno, number, context.arch) : { value: number };
    if ('message' in errno) return { kind: 'error', message: errno.message };
    const names = named ? [rule.name ?? ''] : rule.names;
    if (names.length === 0) continue;
    const at = profile.locate(['syscalls', index]);
    syscalls.push({
      names,
      action: rule.action,
      ...(errno.value === undefined ? {} : { errnoRet: errno.value }),
      args: rule.args,
      origin: { rule: index, ...(at === undefined ? {} : { at }) },
    });
  }
  const { defaultErrnoRet: _number, ...kept } = fields.kept;
  return {
    kind: 'seccomp',
    oci: {
      defaultAction: profile.defaultAction,
      ...(defaultErrno.value === undefined ? {} : { defaultErrnoRet: defaultErrno.value }),
      ...kept,
      architectures: arches.architectures,
      syscalls,
    },
    dropped,
    notes,
  };
}

function builtinFields(profile: Profile): { readonly defaultErrnoRet?: number } {
  return profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet };
}

type ErrnoResult = { readonly value: number | undefined } | { readonly message: string };

/** getErrno: the name, or a decimal number in a string, wins over the number beside it. */
function readErrno(word: string | undefined, number: number | undefined, abi: AbiName): ErrnoResult {
  if (word === undefined || word === '') return { value: number };
  if (/^\d+$/.test(word) && Number(word) <= 0xffffffff) return { value: Number(word) };
  const known = errnoNumber(word, abi);
  return known === undefined ? { message: `unknown errno ${word}` } : { value: known };
}

function lostFields(
  profile: Profile,
  rule: ProfileRule,
  index: number,
  engine: Release,
  reads: { readonly errnoNames: boolean; readonly errnoRet: boolean },
): readonly Note[] {
  const notes: Note[] = [];
  if (!reads.errnoRet && rule.errnoRet !== undefined) {
    const at = profile.locate(['syscalls', index, 'errnoRet']);
    notes.push(droppedFieldNote(engine, 'errnoRet', 'errno-ret', 'the calls get EPERM', at));
  }
  if (!reads.errnoNames && rule.errno !== undefined) {
    const at = profile.locate(['syscalls', index, 'errno']);
    notes.push(
      droppedFieldNote(engine, 'errno', 'errno-names', 'the number of errnoRet counts, else EPERM', at),
    );
  }
  for (const side of ['includes', 'excludes'] as const) {
    if (rule[side].minKernel === undefined) continue;
    const at = profile.locate(['syscalls', index, side, 'minKernel']);
    notes.push(
      droppedFieldNote(engine, `${side}.minKernel`, undefined, 'the rule applies to every kernel', at),
    );
  }
  return notes;
}
