import type { OciArg } from './argument.js';
import { type JsonObject, type JsonValue, writeJson } from './jsonWriter.js';
import type { WritableOci } from './oci.js';
import type { Condition, Profile, ProfileRule } from './profile.js';

/** How a profile is written. */
export interface FormatOptions {
  /** Sort each rule's names; their order means nothing to any engine. Default: as they are. */
  readonly sortNames?: boolean;
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
