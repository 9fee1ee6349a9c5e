import type { Context } from '../../engine/context.js';
import { expandDocker } from '../../engine/expandDocker.js';
import { CallgateError } from '../../error.js';
import { formatDocker, formatOci } from '../../profile/format.js';
import type { Profile } from '../../profile/profile.js';
import { kubernetesFacts } from '../facts.js';

/** A profile as it goes to nodes. */
export interface ProfileToInstall {
  /** JSON as every engine reads it. */
  readonly text: string;
  readonly notes: readonly string[];
}

/**
 * A profile's text for nodes: as it is where engines can read it, else written anew.
 *
 * @param text the file's text
 * @param resolveFor decide conditions on capabilities, architecture and kernel now, for this container, as containerd reads
 *   none of them
 * @throws CallgateError `INPUT` for a profile that Docker itself refuses
 */
export function profileToInstall(profile: Profile, text: string, resolveFor?: Context): ProfileToInstall {
  if (resolveFor !== undefined) return resolved(profile, resolveFor);
  const readable = profile.dialect !== 'spo' && isJson(text);
  return { text: readable ? text : formatDocker(profile), notes: conditionNotes(profile) };
}

function resolved(profile: Profile, context: Context): ProfileToInstall {
  const expansion = expandDocker(profile, { ...context, engine: { version: kubernetesFacts.layout.docker } });
  switch (expansion.kind) {
    case 'seccomp':
      return { text: formatOci(expansion.oci), notes: expansion.notes.map(({ text }) => text) };
    case 'unconfined':
      throw new CallgateError('INPUT', `${profile.source}: ${expansion.reason}`);
    case 'error':
      throw new CallgateError('INPUT', `${profile.source}: ${expansion.message}`);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function conditionNotes({ archMap, rules, source }: Profile): readonly string[] {
  const conditional = rules.some(({ includes, excludes }) =>
    [includes, excludes].some(
      ({ caps, arches, minKernel }) => caps.length + arches.length > 0 || minKernel !== undefined,
    ),
  );
  if (!conditional && archMap.length === 0) return [];
  return [
    `${source} has ${conditional ? 'conditions' : 'an archMap'}, which CRI-O reads and containerd does not: there every rule applies to every container. --resolve containerd@VERSION writes a file that means the same on both`,
  ];
}
