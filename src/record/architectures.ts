import type { ArchMapEntry, Dialect, Profile } from '../profile/profile.js';
import type { AbiName } from '../syscalls/abi.js';
import { abi as abiOf, subAbisDocker } from '../syscalls/abis.js';
import type { RecordedCall } from './recording.js';

/** Further ABIs of a filter for `arch`: only those that were seen. */
export function subAbis(calls: readonly RecordedCall[], arch: AbiName): readonly AbiName[] {
  const seen = new Set(calls.map(({ abi }) => abi));
  return (subAbisDocker.get(arch) ?? []).filter((abi) => seen.has(abi));
}

/** A profile's architectures: the recorded ones, or, for a portable profile, every native one. */
export function architecturesOf(
  dialect: Dialect,
  arch: AbiName,
  subs: readonly AbiName[],
  portable: boolean,
): Pick<Profile, 'architectures' | 'archMap'> {
  const word = (abi: AbiName): string => abiOf(abi).scmp;
  if (dialect !== 'docker') {
    // Without a list the runtime takes the native architecture of the machine, whichever that is.
    const open = portable && subs.length === 0;
    return { archMap: [], architectures: open ? [] : [arch, ...subs].map(word) };
  }
  const natives = portable ? [...new Set([arch, ...subAbisDocker.keys()])] : [arch];
  const archMap = natives.map(
    (native): ArchMapEntry => ({
      architecture: word(native),
      subArchitectures: native === arch ? subs.map(word) : [],
    }),
  );
  return { architectures: [], archMap };
}
