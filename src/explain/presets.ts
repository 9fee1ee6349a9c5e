import data from '../../data/presets.json' with { type: 'json' };
import { CallgateError } from '../error.js';
import type { OciArg } from '../profile/argument.js';
import type { ProfileRule } from '../profile/profile.js';
import type { AbiName } from '../syscalls/abi.js';
import { parseCall } from '../syscalls/call.js';
import { nearestWords } from '../syscalls/nearest.js';
import { newRule } from './remedies/editor.js';

/** What a kind of program needs beside a container engine's default profile. */
export interface Preset {
  readonly name: string;
  readonly purpose: string;
  /** Words of a command line that such a program, or its image, is known by. */
  readonly programs: readonly string[];
  readonly rules: readonly PresetRule[];
  /** What it needs besides seccomp. */
  readonly beside?: string;
  readonly source: string;
}

/** Calls of a preset that one reason asks for. */
export interface PresetRule {
  /** Names for one rule, or one call with the arguments that it is allowed with. */
  readonly calls: readonly string[];
  /** The given arguments are bits that must be set; others may be set too. */
  readonly bits?: boolean;
  readonly why: string;
}

/** All presets. */
export const presets: readonly Preset[] = data.presets;

/**
 * A preset by its name.
 *
 * @throws CallgateError `USAGE`, naming the nearest ones
 * @example findPreset('numa').rules[0]?.calls // ['get_mempolicy', 'set_mempolicy', 'mbind']
 */
export function findPreset(word: string): Preset {
  const found = presets.find(({ name }) => name === word);
  if (found !== undefined) return found;
  const names = presets.map(({ name }) => name);
  const near = nearestWords(word, names);
  throw new CallgateError('USAGE', `no preset is called ${word}`, {
    expected: names.join(', '),
    ...(near.length > 0 ? { hint: `did you mean ${near.join(', ')}?` } : {}),
  });
}

/** The rules of a preset for an architecture. */
export function rulesOf({ rules }: Preset, arch: AbiName): readonly ProfileRule[] {
  return rules.flatMap(({ calls, bits, why }) =>
    allowRules(calls, arch, bits === true).map((rule) => ({ ...rule, comment: why })),
  );
}

/**
 * Rules that allow calls: one for all that may have any arguments, and one for each call with given ones.
 *
 * @param bits the given arguments are bits that must be set
 * @throws CallgateError `USAGE` for a call that cannot be read
 * @example allowRules(['mbind', 'personality(0x40000)'], 'x86_64').length // 2
 */
export function allowRules(calls: readonly string[], arch: AbiName, bits = false): readonly ProfileRule[] {
  const plain: string[] = [];
  const exact: ProfileRule[] = [];
  for (const text of calls) {
    const { name, args } = parseCall(text, arch);
    if (name === undefined)
      throw new CallgateError('USAGE', `${text}: a profile names calls, and this number has no name`);
    const given = args.flatMap((value, index) =>
      value === undefined ? [] : [comparison(index, value, bits)],
    );
    if (given.length === 0) plain.push(name);
    else exact.push(newRule([name], 'SCMP_ACT_ALLOW', { args: given }));
  }
  const names = [...new Set(plain)];
  return [
    ...(names.length === 0 ? [] : [newRule(names, 'SCMP_ACT_ALLOW')]),
    ...exact.filter((rule) => !rule.names.every((name) => names.includes(name))),
  ];
}

function comparison(index: number, value: bigint, bits: boolean): OciArg {
  return bits
    ? { index, value, valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' }
    : { index, value, valueTwo: 0n, op: 'SCMP_CMP_EQ' };
}
