import type { ArgumentShape, ArgumentString, Denial } from './denial.js';

/** Kinds of denied calls that are kept apart; a program that varies its calls must not fill the memory. */
export const MAX_KINDS = 10_000;

/** One denied call. */
export interface Event {
  readonly time: number;
  readonly pid: number;
  readonly exe: string | undefined;
  readonly auditArch: number;
  readonly number: number;
  readonly args: readonly bigint[];
  readonly strings: readonly ArgumentString[];
  readonly errno: number;
}

/** What has changed since the last batch. */
export interface Batch {
  /** By a key that stays the same as the count grows. */
  readonly denials: readonly (readonly [key: number, denial: Denial])[];
  /** Calls that were denied and not listed, because there were too many kinds; in all. */
  readonly unlisted: number;
}

/** Counts denied calls by kind. */
export function denialLog(maxKinds: number = MAX_KINDS) {
  const kinds = new Map<string, { readonly key: number; denial: Denial }>();
  const changed = new Set<{ readonly key: number; denial: Denial }>();
  let unlisted = 0;
  let place = 0;
  let unlistedChanged = false;
  return {
    add: (event: Event, shape: ArgumentShape | undefined): void => {
      const name = kindOf(event, shape);
      const known = kinds.get(name);
      const here = place++;
      if (known !== undefined) {
        const { denial } = known;
        known.denial = { ...denial, lastTime: event.time, lastPlace: here, count: denial.count + 1 };
        changed.add(known);
      } else if (kinds.size < maxKinds) {
        const moment = { lastTime: event.time, firstPlace: here, lastPlace: here };
        const kind = { key: kinds.size, denial: { ...event, ...moment, count: 1 } };
        kinds.set(name, kind);
        changed.add(kind);
      } else {
        unlisted++;
        unlistedChanged = true;
      }
    },
    hasChanges: (): boolean => changed.size > 0 || unlistedChanged,
    takeBatch: (): Batch => {
      const denials = [...changed].map(({ key, denial }) => [key, denial] as const);
      changed.clear();
      unlistedChanged = false;
      return { denials, unlisted };
    },
  };
}

function kindOf(event: Event, shape: ArgumentShape | undefined): string {
  const integers = [...(shape ?? '')].map((letter, index) => {
    const value = event.args[index] ?? 0n;
    // The upper half of an int's register is whatever was there.
    if (letter === 'i') return String(BigInt.asUintN(32, value));
    return letter === 'l' ? String(value) : '';
  });
  const strings = event.strings.map(({ text }) => text);
  const { exe, auditArch, number, errno } = event;
  return JSON.stringify([exe ?? '', auditArch, number, errno, integers, strings]);
}
