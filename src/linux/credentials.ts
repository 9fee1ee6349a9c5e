import { CallgateError } from '../error.js';
import { type CapabilitySets, fromMask, holds, nameOf, toMask } from './capabilities.js';
import {
  capset,
  clearAmbient,
  dropBounding,
  keepCapabilities,
  noNewPrivileges,
  type Script,
  type Step,
  setGid,
  setGroups,
  setUid,
} from './script.js';

export interface CredentialRequest {
  /**
   * What the command may have at most (its bounding set), full names. Absent: nothing is dropped.
   * Started as root the command has all of them, as in a container; as another user it has none, as after any execve.
   */
  readonly capabilities?: readonly string[] | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Default: false when this process may load a filter without it (CAP_SYS_ADMIN), as `docker run` does, else true. */
  readonly noNewPrivileges?: boolean | undefined;
}

export interface CredentialPlan {
  /** What the launcher does before it loads the filter. */
  readonly steps: Script;
  readonly noNewPrivileges: boolean;
  /** Capabilities that were asked for and that this process cannot pass on. */
  readonly missing: readonly string[];
}

/**
 * The launcher's steps for a request, from what this process has.
 *
 * Everything that needs privilege comes before the filter, because a filter may deny prctl, capset or setuid; runc
 * without no_new_privs loads the filter first and then depends on the profile to let its own calls through. Nothing is
 * left to drop after it either: execve computes the command's permitted set from the bounding and inheritable sets
 * (capabilities(7)): for uid 0 it is exactly what is left of the bounding set, and for others nothing. So the launcher
 * may hold CAP_SYS_ADMIN for seccomp(2), and the command cannot get it. Docker gives the same sets (moby's
 * oci.SetCapabilities: inheritable and ambient empty since 20.10.14).
 *
 * @throws {CallgateError} HOST when this process may not do what is asked: it is never done in part.
 */
export function planCredentials(
  request: CredentialRequest,
  own: CapabilitySets,
  euid: number = process.geteuid?.() ?? -1,
): CredentialPlan {
  const mayFilter = holds(own.effective, 'CAP_SYS_ADMIN');
  const nnp = request.noNewPrivileges ?? !mayFilter;
  if (!nnp && !mayFilter) {
    throw new CallgateError(
      'HOST',
      'a filter without no_new_privs needs CAP_SYS_ADMIN, which this process lacks',
      {
        hint: 'leave noNewPrivileges out, or run as root',
      },
    );
  }
  const steps: Step[] = [];
  const uid = request.uid ?? euid;
  const missing: string[] = [];
  if (request.capabilities !== undefined) {
    const wanted = toMask(request.capabilities);
    missing.push(...fromMask(wanted & ~own.bounding));
    steps.push(...reduce(wanted, own, uid));
  }
  const changesUser = request.uid !== undefined && request.uid !== euid;
  if (request.uid !== undefined || request.gid !== undefined) {
    // As libuv: supplementary groups go whenever there is the right to drop them.
    if (holds(own.effective, 'CAP_SETGID')) steps.push(setGroups([]));
    if (request.gid !== undefined) steps.push(setGid(request.gid));
    // seccomp(2) without no_new_privs still needs CAP_SYS_ADMIN after the user has changed.
    const keep = changesUser && !nnp && uid !== 0;
    if (keep) steps.push(keepCapabilities());
    if (request.uid !== undefined) steps.push(setUid(request.uid));
    if (keep) {
      steps.push(capset({ effective: own.permitted, permitted: own.permitted, inheritable: 0n }));
    }
  }
  if (nnp) steps.push(noNewPrivileges());
  return { steps, noNewPrivileges: nnp, missing };
}

function reduce(wanted: bigint, own: CapabilitySets, uid: number): Script {
  const steps: Step[] = [clearAmbient()];
  const excess = own.bounding & ~wanted;
  if (holds(own.effective, 'CAP_SETPCAP')) {
    for (let number = 0; number < 64; number++) {
      if ((excess >> BigInt(number)) & 1n) steps.push(dropBounding(number, nameOf(number)));
    }
  } else if (uid === 0 && excess !== 0n) {
    throw new CallgateError(
      'HOST',
      'capabilities cannot be dropped: this process is root without CAP_SETPCAP',
      {
        hint: `run it with CAP_SETPCAP, or ask for all that it has: ${fromMask(own.bounding).join(' ')}`,
      },
    );
  }
  // What others inherit would come back at execve: for root all of it, for others where a file says so.
  steps.push(capset({ effective: own.effective, permitted: own.permitted, inheritable: 0n }));
  return steps;
}
