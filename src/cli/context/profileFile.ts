import type { Context } from '../../engine/context.js';
import { CallgateError } from '../../error.js';
import type { Note, Profile } from '../../profile/profile.js';
import { readProfile } from '../../profile/read.js';
import type { Io } from '../io/io.js';
import { type ContextFlags, resolveFlags } from './contextFlags.js';

/** A profile's file with the container that it is looked at for. */
export interface ProfileFile {
  readonly profile: Profile;
  readonly text: string;
  /** Whether the text's UTF-8 is the file's bytes. */
  readonly exact: boolean;
  readonly context: Context;
  readonly noNewPrivileges: boolean;
  readonly notes: readonly Note[];
}

/**
 * Reads a profile, and the context flags with it as the profile.
 *
 * @throws CallgateError `INPUT` for a text that is no profile
 */
export async function openProfile(path: string, flags: ContextFlags, io: Io): Promise<ProfileFile> {
  if (flags.profile !== undefined) {
    throw new CallgateError('USAGE', '--profile and a file: which one is meant?', {
      hint: 'leave --profile out',
    });
  }
  const bytes = io.read(path);
  const profile = readProfile(bytes, path === '-' ? '<stdin>' : path);
  const reading = { ...io, read: (other: string) => (other === path ? bytes : io.read(other)) };
  const { resolved } = await resolveFlags(flags, reading, {}, `file:${path}`);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const { context, noNewPrivileges, notes } = resolved;
  // The container may well be one that gets no profile; what is looked at is this one all the same.
  const chosen = { ...context, seccomp: { kind: 'profile', profile } } as const;
  return { profile, text, exact: Buffer.from(text).equals(bytes), context: chosen, noNewPrivileges, notes };
}
