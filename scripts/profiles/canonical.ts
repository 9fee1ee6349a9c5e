import { createHash } from 'node:crypto';
import type { Profile } from '../../src/profile/profile.js';
import type { RawCondition, RawProfile } from './rawProfile.js';

/**
 * The content of a profile as text: everything that has a meaning, in its order, and nothing else (no comments, no
 * difference between an absent and an empty list). Built from a snapshot's file without the stored form, so that
 * equal digests prove the stored form.
 */
export function canonicalRaw(raw: RawProfile): string {
  return JSON.stringify([
    raw.defaultAction,
    raw.defaultErrnoRet ?? null,
    raw.defaultErrno ?? null,
    raw.architectures ?? [],
    (raw.archMap ?? []).map(({ architecture, subArchitectures }) => [architecture, subArchitectures ?? []]),
    raw.syscalls.map((rule) => [
      rule.name ?? null,
      rule.names ?? [],
      rule.action,
      rule.errnoRet ?? null,
      rule.errno ?? null,
      (rule.args ?? []).map(({ index, op, value, valueTwo = 0 }) => [index, op, `${value}`, `${valueTwo}`]),
      rawCondition(rule.includes),
      rawCondition(rule.excludes),
    ]),
  ]);
}

function rawCondition(condition: RawCondition | null | undefined): unknown {
  return [condition?.caps ?? [], condition?.arches ?? [], condition?.minKernel ?? null];
}

/** The same text for a profile as the program has it. */
export function canonicalProfile(profile: Profile): string {
  return JSON.stringify([
    profile.defaultAction,
    profile.defaultErrnoRet ?? null,
    profile.defaultErrno ?? null,
    profile.architectures,
    profile.archMap.map(({ architecture, subArchitectures }) => [architecture, subArchitectures]),
    profile.rules.map((rule) => [
      rule.name ?? null,
      rule.names,
      rule.action,
      rule.errnoRet ?? null,
      rule.errno ?? null,
      rule.args.map(({ index, op, value, valueTwo }) => [index, op, `${value}`, `${valueTwo}`]),
      [rule.includes.caps, rule.includes.arches, rule.includes.minKernel ?? null],
      [rule.excludes.caps, rule.excludes.arches, rule.excludes.minKernel ?? null],
    ]),
  ]);
}

export function digest(canonical: string): string {
  return createHash('sha256').update(canonical).digest('hex');
}
