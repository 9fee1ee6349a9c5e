import type { Profile, ProfileRule } from '../profile/profile.js';
import { abi as abiOf } from '../syscalls/abis.js';
import { syscallNames } from '../syscalls/libseccomp.js';
import { multiplexed, resolvedNumber, syscallName, syscallNumber } from '../syscalls/table.js';
import type { Question } from './answer.js';

/**
 * The part of a profile that decides one number on one ABI, for asking many profiles about it: names that libseccomp
 * brings to that number, and of every set of conditions the name with the largest number, which sets the limit of
 * runc's ENOSYS stub.
 */
export function partsAbout({ number, abi }: Question, libseccomp: string): (profile: Profile) => Profile {
  const { numberBase } = abiOf(abi);
  const via = syscallName(number, abi);
  const decides = new Set([
    // A rule on socket goes to socketcall of another ABI too, where an unconditional rule keeps it from a conflict.
    'socketcall',
    'ipc',
    ...syscallNames.filter(
      (name) =>
        syscallNumber(name, abi, libseccomp) === number ||
        (via !== undefined && multiplexed(name, abi, libseccomp)?.via === via),
    ),
  ]);
  const numbers = new Map<string, number>();
  const sizeOf = (name: string): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    const resolved = resolvedNumber(name, abi, libseccomp);
    const size = typeof resolved === 'number' ? resolved : numberBase - 1;
    numbers.set(name, size);
    return size;
  };
  return (profile) => {
    const largest = new Map<string, string>();
    const keyed = profile.rules.map((rule) => ({ rule, key: conditionsOf(rule), all: namesOf(rule) }));
    for (const { key, all } of keyed) {
      for (const name of all) {
        const before = largest.get(key);
        if (before === undefined || sizeOf(name) > sizeOf(before)) largest.set(key, name);
      }
    }
    const rules = keyed.flatMap(({ rule, key, all }): readonly ProfileRule[] => {
      const limit = largest.get(key);
      const names = all.filter((name) => decides.has(name));
      const kept = names.length === 0 ? [] : [only(rule, names)];
      if (limit === undefined || names.includes(limit) || !all.includes(limit)) return kept;
      // It is there for its number alone.
      return [...kept, { ...only(rule, [limit]), args: [] }];
    });
    return { ...profile, rules, locate: () => undefined };
  };
}

function namesOf({ name, names }: ProfileRule): readonly string[] {
  return name === undefined ? names : [name, ...names];
}

function only(rule: ProfileRule, names: readonly string[]): ProfileRule {
  return rule.name === undefined ? { ...rule, names } : rule;
}

function conditionsOf({ includes, excludes }: ProfileRule): string {
  const none = [includes, excludes].every(
    ({ caps, arches, minKernel }) => caps.length + arches.length === 0 && minKernel === undefined,
  );
  return none ? '' : JSON.stringify([includes, excludes]);
}
