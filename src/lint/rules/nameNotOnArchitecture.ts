import type { Profile, ProfileRule } from '../../profile/profile.js';
import type { AbiName } from '../../syscalls/abi.js';
import { abis, findAbi } from '../../syscalls/abis.js';
import { isKnownName, libseccompReleases, multiplexed, syscallNumber } from '../../syscalls/table.js';
import { removeString } from '../edit.js';
import { namesIn } from '../names.js';
import { type LintRule, MOST_OF_A_RULE } from '../rule.js';

/** A name that exists on none of the architectures that the profile is for. */
export const nameNotOnArchitecture: LintRule = {
  id: 'name-not-on-architecture',
  level: 'note',
  title: 'None of the profile’s architectures has this call',
  check: ({ profile, document, context }) => {
    const newest = libseccompReleases.at(-1) ?? context.libseccomp;
    const listed = architecturesOf(profile, context.arch);
    const byRule = new Map<ProfileRule, readonly AbiName[]>();
    const coveredBy = (rule: ProfileRule): readonly AbiName[] => {
      const found = byRule.get(rule) ?? restrictedTo(rule, listed);
      byRule.set(rule, found);
      return found;
    };
    const absent = namesIn(profile).flatMap(({ name, path, rule }) => {
      if (!isKnownName(name, newest)) return [];
      const covered = coveredBy(rule);
      return covered.some((abi) => has(name, abi)) ? [] : [{ name, path, rule, covered }];
    });
    return absent.slice(0, MOST_OF_A_RULE).map(({ name, path, rule, covered }) => {
      const text = `${name} exists on none of ${covered.length === 0 ? 'the rule’s architectures' : covered.join(', ')}: the name means nothing here`;
      const fix = rule.names.length > 1 ? removeString(document, path, name) : undefined;
      return { text, path, ...(fix === undefined ? {} : { fix }) };
    });
  },
};

function has(name: string, abi: AbiName): boolean {
  return syscallNumber(name, abi) !== undefined || multiplexed(name, abi) !== undefined;
}

/** Every architecture that the profile lists or maps; else the container's own. */
function architecturesOf(profile: Profile, native: AbiName): readonly AbiName[] {
  const words = [
    ...profile.architectures,
    ...profile.archMap.flatMap(({ architecture, subArchitectures }) => [architecture, ...subArchitectures]),
  ];
  const found = words.flatMap((word) => findAbi(word) ?? []);
  return [...new Set([native, ...found])];
}

/** Without those that the rule's conditions leave out; a condition names the host's architecture, whose other ABIs count too. */
function restrictedTo({ includes, excludes }: ProfileRule, listed: readonly AbiName[]): readonly AbiName[] {
  if (includes.arches.length === 0 && excludes.arches.length === 0) return listed;
  const wanted = includes.arches.flatMap((word) => findAbi(word) ?? []);
  const hosts = wanted.length === 0 ? listed : wanted;
  const excluded = new Set(excludes.arches.map((word) => findAbi(word)));
  const left = hosts.filter((abi) => !excluded.has(abi));
  return [...new Set(left.flatMap(familyOf))];
}

/** ABIs whose programs run on the same kernel. */
const FAMILIES: readonly (readonly AbiName[])[] = [
  ['x86_64', 'x86', 'x32'],
  ['aarch64', 'arm'],
  ['mips64', 'mips', 'mips64n32'],
  ['mipsel64', 'mipsel', 'mipsel64n32'],
  ['ppc64', 'ppc'],
  ['s390x', 's390'],
  ['parisc64', 'parisc'],
];

function familyOf(abi: AbiName): readonly AbiName[] {
  const family = FAMILIES.find(([host]) => host === abi);
  return family ?? abis.filter(({ name }) => name === abi).map(({ name }) => name);
}
