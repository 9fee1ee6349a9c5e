import type { LiveDenial, LiveGroup } from '../../web/live/liveGroup.js';

/** More groups than this nobody can read; what is denied beyond them is counted in one. */
const MOST_GROUPS = 1000;
/** Of each group, calls that are told apart. */
const MOST_KINDS = 20;

interface Group {
  readonly first: LiveDenial;
  lastTime: number;
  count: number;
  readonly kinds: Map<string, { readonly text: string; count: number }>;
}

/** Denied calls by who made them, which call it was, what it got, and the rule that decided. */
export function createGroups() {
  const groups = new Map<string, Group>();
  const counted = new Map<string, number>();
  return {
    /** @returns the key of the group that it belongs to */
    add: (denial: LiveDenial): string => {
      const more = denial.count - (counted.get(denial.key) ?? 0);
      // Behind all others, as the newest.
      counted.delete(denial.key);
      counted.set(denial.key, denial.count);
      forgetOldest(counted);
      const own = JSON.stringify([denial.container, denial.exe, denial.call, denial.word, denial.rule]);
      const key = groups.has(own) || groups.size < MOST_GROUPS ? own : REST;
      const group = groups.get(key) ?? startGroup(key === REST ? restOf(denial) : denial);
      groups.set(key, group);
      group.count += more;
      group.lastTime = Math.max(group.lastTime, denial.lastTime);
      const kind = group.kinds.get(denial.text);
      if (kind !== undefined) kind.count += more;
      else if (group.kinds.size < MOST_KINDS)
        group.kinds.set(denial.text, { text: denial.text, count: more });
      return key;
    },
    keys: (): Iterable<string> => groups.keys(),
    some: (keys: Iterable<string>): readonly LiveGroup[] =>
      [...keys].flatMap((key) => {
        const group = groups.get(key);
        return group === undefined ? [] : [viewOf(key, group)];
      }),
  };
}

/** An agent runs for months: kinds that nothing was heard of for longest are forgotten, and count anew if they come again. */
const MOST_COUNTED = 100_000;

function forgetOldest(counted: Map<string, number>): void {
  const [oldest] = counted.keys();
  if (counted.size > MOST_COUNTED && oldest !== undefined) counted.delete(oldest);
}

const REST = 'rest';

function startGroup(first: LiveDenial): Group {
  return { first, lastTime: first.lastTime, count: 0, kinds: new Map() };
}

function restOf({ time, lastTime, kind, word }: LiveDenial): LiveDenial {
  return {
    key: REST,
    call: 'others',
    text: 'more kinds than can be listed',
    kind,
    word,
    time,
    lastTime,
    count: 0,
  };
}

function viewOf(key: string, { first, lastTime, count, kinds }: Group): LiveGroup {
  const { call, kind, word, rule, exe, container, time } = first;
  return {
    key,
    call,
    kind,
    word,
    ...(rule === undefined ? {} : { rule }),
    ...(exe === undefined ? {} : { exe }),
    ...(container === undefined ? {} : { container }),
    firstTime: time,
    lastTime,
    count,
    kinds: [...kinds.values()].sort((a, b) => b.count - a.count),
  };
}
