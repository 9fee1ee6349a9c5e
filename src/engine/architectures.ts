import type { Note, Profile } from '../profile/profile.js';
import type { HostArch } from './archWords.js';

/** The filter's architectures: the profile's own list, or the one entry of `archMap` that is the host's. */
export function architecturesOf(
  profile: Profile,
  host: HostArch,
): { readonly architectures: readonly string[]; readonly notes: readonly Note[] } {
  if (profile.archMap.length === 0) return { architectures: profile.architectures, notes: [] };
  const entry =
    host.mapEntry === undefined
      ? undefined
      : profile.archMap.find(({ architecture }) => architecture === host.mapEntry);
  if (entry !== undefined) {
    return {
      architectures: [...profile.architectures, entry.architecture, ...entry.subArchitectures],
      notes: [],
    };
  }
  const at = profile.locate(['archMap']);
  const note: Note = {
    kind: 'arch-map-unmatched',
    text: `no entry of archMap is used for ${host.word === '' ? 'this architecture' : host.word}: the filter knows the native ABI only, calls of any other ABI are killed`,
    ...(at === undefined ? {} : { at }),
  };
  return { architectures: profile.architectures, notes: [note] };
}
