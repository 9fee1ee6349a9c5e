import type { ArgumentShape, Denial } from './denial.js';

/** Kinds of denied calls that are kept apart; a program that varies its calls must not fill the memory. */
export const MAX_KINDS = 10_000;

/** One denied call. */
export type Event = Pick<
  Denial,
  'time' | 'pid' | 'exe' | 'auditArch' | 'number' | 'args' | 'strings' | 'errno'
>;

/** What has changed since the last batch. */
export interface Batch {
  /** By a key that stays the same as the count grows. */
  readonly denials: readonly (readonly [key: number, denial: Denial])[];
  /** Calls that were denied and not listed, because there were too many kinds; in all. */
  readonly unlisted: number;
}

interface Kind {
  readonly key: number;
  readonly first: Event;
  readonly firstPlace: number;
  lastTime: number;
  lastPlace: number;
  count: number;
}

/** Counts one more call of a kind that is known. */
export type Repeat = (time: number) => void;

/** Counts denied calls by kind. */
export function denialLog(maxKinds: number = MAX_KINDS) {
  const kinds = new Map<string, { readonly kind: Kind; readonly repeat: Repeat }>();
  const changed = new Set<Kind>();
  let unlisted = 0;
  let place = 0;
  let unlistedChanged = false;
  const newKind = (first: Event): { readonly kind: Kind; readonly repeat: Repeat } => {
    const kind: Kind = { key: kinds.size, first, firstPlace: place, lastTime: 0, lastPlace: 0, count: 0 };
    return {
      kind,
      repeat: (time) => {
        kind.lastTime = time;
        kind.lastPlace = place++;
        kind.count++;
        changed.add(kind);
      },
    };
  };
  return {
    /** Gives what counts another one of the same kind in less time; undefined when the kind is not listed. */
    add: (event: Event, shape: ArgumentShape | undefined): Repeat | undefined => {
      const name = kindOf(event, shape);
      let known = kinds.get(name);
      if (known === undefined) {
        if (kinds.size >= maxKinds) {
          place++;
          unlisted++;
          unlistedChanged = true;
          return undefined;
        }
        known = newKind(event);
        kinds.set(name, known);
      }
      known.repeat(event.time);
      return known.repeat;
    },
    hasChanges: (): boolean => changed.size > 0 || unlistedChanged,
    takeBatch: (): Batch => {
      const denials = [...changed].map(({ key, first, ...rest }): readonly [number, Denial] => [
        key,
        { ...first, ...rest },
      ]);
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
