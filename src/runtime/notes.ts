import type { RuntimeName } from '../engine/context.js';
import type { OciSeccomp } from '../engine/oci.js';
import { findBehaviour } from './behaviours.js';
import type { RuntimeNote } from './result.js';

/** An errno next to an action that has no use for one. */
export function ignoredErrnos(oci: OciSeccomp): RuntimeNote[] {
  const places: string[] = [];
  if (oci.defaultErrnoRet !== undefined && !usesErrno(oci.defaultAction)) places.push('defaultErrnoRet');
  oci.syscalls.forEach((rule, index) => {
    if (rule.errnoRet !== undefined && !usesErrno(rule.action)) places.push(`syscalls[${index}].errnoRet`);
  });
  return places.map((place) => ({
    kind: 'errno-ignored',
    text: `${place} has no effect: its action takes no errno.`,
  }));
}

export function usesErrno(action: string): boolean {
  return action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
}

/** What the runtime does when the configuration says nothing of flags, or when it cannot read them. */
export function flagNotes(oci: OciSeccomp, runtime: RuntimeName, version: string): RuntimeNote[] {
  if (oci.flags !== undefined && oci.flags.length > 0) {
    if (findBehaviour(runtime, version, 'flags') !== undefined) return [];
    return [{ kind: 'flags-ignored', text: 'This release does not read `flags`.' }];
  }
  if (oci.flags !== undefined) return [];
  const log = findBehaviour(runtime, version, 'default-flag-log');
  return log === undefined ? [] : [{ kind: 'flags-default', text: log.text, source: log.source }];
}
