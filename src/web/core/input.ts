import type { ContextInput } from '../../engine/contextInput.js';
import type { Profile } from '../../profile/profile.js';
import type { ContextWords, WrittenProfile } from './words.js';

/** Files are in the words themselves. */
type SyncInput = Omit<ContextInput, 'readProfile'>;

/**
 * The words as the command's flags have them.
 *
 * @throws CallgateError `INPUT` with a position when the profile's text cannot be read
 */
export async function inputOf(words: ContextWords): Promise<SyncInput> {
  const { engine, version, runtime, libseccomp, kernel, arch, capAdd, capDrop, privileged } = words;
  return {
    engine: version === '' ? engine : `${engine}@${version}`,
    ...(runtime === '' ? {} : { runtime }),
    ...(libseccomp === '' ? {} : { libseccomp }),
    ...(kernel === '' ? {} : { kernel }),
    arch,
    // Docker before 20.10 knows the names without CAP_ only.
    capAdd: capAdd.map(shortName),
    capDrop: capDrop.map(shortName),
    ...(privileged ? { privileged } : {}),
    ...(words.unconfined ? { securityOpt: ['seccomp=unconfined'] } : {}),
    ...(words.profile === undefined ? {} : { profile: await readWritten(words.profile) }),
  };
}

const shortName = (name: string): string => name.replace(/^CAP_/, '');

/** Reading profiles needs a parser of YAML, which the page does without until there is a profile. */
async function readWritten({ name, text }: WrittenProfile): Promise<Profile> {
  const { readProfile } = await import('../../profile/read.js');
  return readProfile(text, name);
}
