import { CallgateError } from '../error.js';
import type { OciArg } from './argument.js';
import { type JsonObject, type JsonValue, writeJson } from './jsonWriter.js';
import type { Condition, Profile, ProfileRule } from './profile.js';

export interface FormatOptions {
  /** Sort each rule's names; their order means nothing to any engine. Default: as they are. */
  readonly sortNames?: boolean;
}

/** `linux.seccomp` as it can be written: an engine's OciSeccomp fits. */
export interface WritableOci {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  readonly flags?: readonly string[];
  readonly listenerPath?: string;
  readonly listenerMetadata?: string;
  readonly syscalls: readonly WritableOciRule[];
}

interface WritableOciRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args: readonly OciArg[];
}

/**
 * Writes a profile in Docker's layout, which Podman and CRI-O read as well. Reading the result gives an equal profile.
 * @example formatDocker(readProfile(text, 'profile.json'), { sortNames: true })
 */
export function formatDocker(profile: Profile, options: FormatOptions = {}): string {
  return writeJson({
    defaultAction: profile.defaultAction,
    defaultErrnoRet: profile.defaultErrnoRet,
    defaultErrno: profile.defaultErrno,
    architectures: nonEmpty(profile.architectures),
    archMap: nonEmpty(
      profile.archMap.map(({ architecture, subArchitectures }) => ({ architecture, subArchitectures })),
    ),
    flags: profile.flags,
    listenerPath: profile.listenerPath,
    listenerMetadata: profile.listenerMetadata,
    syscalls: profile.rules.map((rule) => dockerRule(rule, options)),
  });
}

/**
 * Writes `linux.seccomp` of the OCI runtime spec, as containerd's Localhost profiles want it.
 * @example formatOci(toOci(readProfile(text, 'profile.json')))
 */
export function formatOci(seccomp: WritableOci, options: FormatOptions = {}): string {
  return writeJson({
    defaultAction: seccomp.defaultAction,
    defaultErrnoRet: seccomp.defaultErrnoRet,
    architectures: nonEmpty(seccomp.architectures),
    flags: seccomp.flags,
    listenerPath: seccomp.listenerPath,
    listenerMetadata: seccomp.listenerMetadata,
    syscalls: seccomp.syscalls.map((rule) => ({
      names: ordered(rule.names, options),
      action: rule.action,
      errnoRet: rule.errnoRet,
      args: nonEmpty(rule.args.map(argument)),
    })),
  });
}

/**
 * A profile without conditions as OCI seccomp: single names become lists, comments go.
 * @throws CallgateError `INPUT` where a rule depends on capabilities, architecture or kernel, where architectures depend on
 * the host, and for errno names: only an engine at some version can tell what becomes of these.
 */
export function toOci(profile: Profile): WritableOci {
  if (profile.archMap.length > 0) refuse(profile, ['archMap'], 'archMap');
  if (profile.defaultErrno !== undefined) refuse(profile, ['defaultErrno'], 'defaultErrno');
  const syscalls = profile.rules.map((rule, index): WritableOciRule => {
    if (isConditional(rule.includes)) refuse(profile, ['syscalls', index, 'includes'], 'includes');
    if (isConditional(rule.excludes)) refuse(profile, ['syscalls', index, 'excludes'], 'excludes');
    if (rule.errno !== undefined) refuse(profile, ['syscalls', index, 'errno'], 'errno');
    const { name, names, action, errnoRet, args } = rule;
    return {
      names: name === undefined || name === '' ? names : [name, ...names],
      action,
      ...(errnoRet === undefined ? {} : { errnoRet }),
      args,
    };
  });
  const { defaultAction, defaultErrnoRet, architectures, flags, listenerPath, listenerMetadata } = profile;
  return {
    defaultAction,
    ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    architectures,
    ...(flags === undefined ? {} : { flags }),
    ...(listenerPath === undefined ? {} : { listenerPath }),
    ...(listenerMetadata === undefined ? {} : { listenerMetadata }),
    syscalls,
  };
}

function refuse(profile: Profile, path: readonly (string | number)[], field: string): never {
  const at = profile.locate(path);
  throw new CallgateError('INPUT', `${field} has no place in the OCI layout`, {
    ...(at === undefined ? {} : { at }),
    hint: 'resolve the profile for one engine, architecture and set of capabilities first, or write Docker’s layout',
  });
}

function isConditional({ caps, arches, minKernel }: Condition): boolean {
  return caps.length > 0 || arches.length > 0 || (minKernel !== undefined && minKernel !== '');
}

function dockerRule(rule: ProfileRule, options: FormatOptions): JsonObject {
  return {
    name: rule.name,
    names: rule.name !== undefined && rule.names.length === 0 ? undefined : ordered(rule.names, options),
    action: rule.action,
    errnoRet: rule.errnoRet,
    errno: rule.errno,
    args: nonEmpty(rule.args.map(argument)),
    comment: rule.comment,
    includes: condition(rule.includes),
    excludes: condition(rule.excludes),
  };
}

function condition({ caps, arches, minKernel }: Condition): JsonObject | undefined {
  if (caps.length === 0 && arches.length === 0 && minKernel === undefined) return undefined;
  return { caps: nonEmpty(caps), arches: nonEmpty(arches), minKernel };
}

function argument({ index, value, valueTwo, op }: OciArg): JsonObject {
  return { index, value, valueTwo: valueTwo === 0n ? undefined : valueTwo, op };
}

function ordered(names: readonly string[], { sortNames }: FormatOptions): readonly string[] {
  return sortNames ? [...names].sort() : names;
}

function nonEmpty<T extends JsonValue>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}
