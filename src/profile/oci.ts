import { CallgateError } from '../error.js';
import type { OciArg } from './argument.js';
import type { Condition, Profile, ProfileRule } from './profile.js';

/** `linux.seccomp` of the OCI runtime spec; words (actions, operators, architectures) are as they were written. */
export interface WritableOci {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  /** Absent and empty mean different things to runc (absent: SPEC_ALLOW). */
  readonly flags?: readonly string[];
  readonly listenerPath?: string;
  readonly listenerMetadata?: string;
  readonly syscalls: readonly WritableOciRule[];
}

/** A rule of {@link WritableOci}. */
export interface WritableOciRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args: readonly OciArg[];
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
    const { name, names } = rule;
    return { ...ociRule(rule), names: name === undefined || name === '' ? names : [name, ...names] };
  });
  return { ...ociHead(profile), syscalls };
}

/** What the OCI spec knows of a profile besides its rules. */
export function ociHead(profile: Profile): Omit<WritableOci, 'syscalls'> {
  const { defaultAction, defaultErrnoRet, architectures, flags, listenerPath, listenerMetadata } = profile;
  return {
    defaultAction,
    ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    architectures,
    ...(flags === undefined ? {} : { flags }),
    ...(listenerPath === undefined ? {} : { listenerPath }),
    ...(listenerMetadata === undefined ? {} : { listenerMetadata }),
  };
}

/** What the OCI spec knows of a rule. */
export function ociRule({ names, action, errnoRet, args }: ProfileRule): WritableOciRule {
  return { names, action, ...(errnoRet === undefined ? {} : { errnoRet }), args };
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
