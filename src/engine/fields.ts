import type { Note, Profile } from '../profile/profile.js';
import { type Behaviour, behaves, behaviourSince } from './behaviours.js';
import type { EngineName } from './context.js';
import type { OciSeccomp } from './oci.js';

export interface Release {
  readonly name: EngineName;
  readonly version: string;
}

/** `docker 20.10.9 does not read errnoRet (docker reads it since 20.10.10)`. */
export function droppedFieldNote(
  engine: Release,
  field: string,
  behaviour: Behaviour | undefined,
  effect: string,
  at: Note['at'],
): Note {
  const since = behaviour === undefined ? undefined : behaviourSince(engine.name, behaviour);
  const later =
    since === undefined || since.since === '0' ? '' : ` (read since ${engine.name} ${since.since})`;
  return {
    kind: 'dropped-field',
    text: `${engine.name} ${engine.version} does not read ${field}${later}: ${effect}`,
    ...(at === undefined ? {} : { at }),
  };
}

type TopLevel = Pick<OciSeccomp, 'defaultErrnoRet' | 'flags' | 'listenerPath' | 'listenerMetadata'>;

const FIELDS = [
  ['defaultErrnoRet', 'default-errno-ret', 'denied calls get EPERM'],
  ['flags', 'flags', 'the filter is loaded without them'],
  ['listenerPath', 'listener', 'nobody is told of SCMP_ACT_NOTIFY calls'],
  ['listenerMetadata', 'listener', 'the listener gets none'],
] as const satisfies readonly (readonly [keyof TopLevel, Behaviour, string])[];

/** The fields beside `syscalls` that this release hands on, and a note for each that it loses. */
export function topLevelFields(
  profile: Profile,
  engine: Release,
): { readonly kept: TopLevel; readonly notes: readonly Note[] } {
  let kept: TopLevel = {};
  const notes: Note[] = [];
  for (const [field, behaviour, effect] of FIELDS) {
    const value = profile[field];
    // Empty lists and words do not reach the bundle (`omitempty` of the runtime spec's Go types).
    if (value === undefined || (typeof value !== 'number' && value.length === 0)) continue;
    if (behaves(engine.name, engine.version, behaviour)) kept = { ...kept, [field]: value };
    else notes.push(droppedFieldNote(engine, field, behaviour, effect, profile.locate([field])));
  }
  return { kept, notes };
}
