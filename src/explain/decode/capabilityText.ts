import { capabilities, capabilityName } from '../../syscalls/capabilities.js';

/** The five capability sets of a process. */
export type SetName = 'effective' | 'permitted' | 'inheritable' | 'bounding' | 'ambient';

/** One set of capabilities of a process. */
export interface NamedSet {
  /** Absent for a bare mask. */
  readonly set?: SetName;
  /** Sixteen hexadecimal digits, as /proc/PID/status writes it. */
  readonly mask: string;
  /** In the kernel's order; `CAP_63` for a bit without a name. */
  readonly names: readonly string[];
}

const byNumber = new Map(capabilities.map(({ name, number }) => [number, name]));
const byName = new Map(capabilities.map(({ name, number }) => [name, number]));
const ALL = capabilities.reduce((mask, { number }) => mask | (1n << BigInt(number)), 0n);

/** The set of a mask in hexadecimal, with or without 0x. */
export function setOfMask(hex: string, set?: SetName): NamedSet {
  return namedSet(BigInt.asUintN(64, BigInt(`0x${hex.replace(/^0x/i, '')}`)), set);
}

function namedSet(mask: bigint, set?: SetName): NamedSet {
  const names: string[] = [];
  for (let number = 0; number < 64; number++) {
    if ((mask >> BigInt(number)) & 1n) names.push(byNumber.get(number) ?? `CAP_${number}`);
  }
  return { ...(set === undefined ? {} : { set }), mask: mask.toString(16).padStart(16, '0'), names };
}

/** `cap_chown,cap_kill`, `38`, or `all`: a mask; words that are none are left out. */
function maskOfList(list: string): bigint {
  let mask = 0n;
  for (const word of list.split(',')) {
    const trimmed = word.trim().toLowerCase();
    if (trimmed === 'all') mask |= ALL;
    const number = /^\d{1,2}$/.test(trimmed) ? Number(trimmed) : byName.get(capabilityName(trimmed) ?? '');
    if (number !== undefined && number < 64) mask |= 1n << BigInt(number);
  }
  return mask;
}

export function setOfList(list: string, set: SetName): NamedSet {
  return namedSet(maskOfList(list), set);
}

type Flags = { e: bigint; p: bigint; i: bigint };
const CLAUSE = /^([a-z0-9_,]*)((?:[=+-][eip]*)+)$/i;

/**
 * The three sets of a text of cap_from_text(3): clauses such as `=ep`, `cap_chown,cap_kill=ep`, `cap_net_raw+eip`,
 * `all=p`, each working on what the ones before left. Undefined for another text.
 *
 * @example setsOfText('=ep cap_sys_admin-e')
 */
export function setsOfText(text: string): readonly NamedSet[] | undefined {
  const flags: Flags = { e: 0n, p: 0n, i: 0n };
  for (const clause of text.trim().split(/\s+/)) {
    if (clause === '') continue;
    const found = CLAUSE.exec(clause);
    if (found === null) {
      // Before libcap 2.32 the empty clause stood alone: `= cap_chown,cap_kill+ep`.
      return undefined;
    }
    const [, list = '', operations = ''] = found;
    const mask = list === '' ? ALL : maskOfList(list);
    for (const [, operator, letters = ''] of operations.matchAll(/([=+-])([eip]*)/gi)) {
      for (const flag of ['e', 'p', 'i'] as const) {
        const named = letters.toLowerCase().includes(flag);
        if (operator === '+' && named) flags[flag] |= mask;
        if (operator === '-' && named) flags[flag] &= ~mask;
        if (operator === '=') flags[flag] = named ? flags[flag] | mask : flags[flag] & ~mask;
      }
    }
  }
  return [namedSet(flags.e, 'effective'), namedSet(flags.p, 'permitted'), namedSet(flags.i, 'inheritable')];
}

/**
 * What capsh calls IAB (cap_iab(3)): `%cap` or `cap` inheritable, `^cap` ambient and so inheritable, `!cap` taken out of the
 * bounding set.
 */
export function setsOfIab(text: string): readonly NamedSet[] {
  let [inheritable, ambient, blocked] = [0n, 0n, 0n];
  for (const word of text.split(',')) {
    const [, signs = '', name = ''] = /^\s*([!^%]*)(\S*)/.exec(word) ?? [];
    const mask = maskOfList(name);
    if (signs.includes('!')) blocked |= mask;
    if (signs.includes('^')) ambient |= mask;
    if (signs.includes('^') || signs.includes('%') || signs === '') inheritable |= mask;
  }
  return [
    namedSet(inheritable, 'inheritable'),
    namedSet(ambient, 'ambient'),
    namedSet(ALL & ~blocked, 'bounding'),
  ];
}
