import { callsThatFallBack } from '../explain/libc.js';
import { newRule } from '../explain/remedies/editor.js';
import type { Dialect, Profile, ProfileRule } from '../profile/profile.js';
import type { AbiName } from '../syscalls/abi.js';
import { errnoNumber } from '../syscalls/constants.js';
import { syscallName, syscallNumber } from '../syscalls/table.js';
import { type Addition, alwaysNeeded, neededByRuntime, portableTo, type RuntimeStart } from './additions.js';
import { architecturesOf, subAbis } from './architectures.js';
import type { AskedArguments } from './argumentsAsked.js';
import type { Conditions } from './conditions.js';
import { byPurpose } from './purposes.js';
import type { RecordedCall } from './recording.js';
import { type Restrictions, restrictionsOf, withinDefault } from './restrictions.js';
import type { Runs } from './runs.js';

export interface ProfileOptions {
  readonly dialect: Dialect;
  /** The container's own ABI. */
  readonly arch: AbiName;
  /** Calls whose argument values were asked for. */
  readonly asked?: AskedArguments;
  /** Conditions of the engine's default, which hold where the run kept them. */
  readonly conditions?: Conditions;
  /** False: clone3 gets ENOSYS though it was called, so that C libraries take clone, whose flags a filter sees. */
  readonly clone3?: boolean;
  /** Absent: the profile is not for a container, or nobody has measured the runtime. */
  readonly runtime?: RuntimeStart;
  /** Add what other C libraries and architectures call instead. */
  readonly portable?: boolean;
  /** Nothing but what was recorded. */
  readonly exact?: boolean;
}

/** The smallest profile for some runs, and what it holds besides them. */
export interface RecordedProfile {
  readonly profile: Profile;
  /** Names of calls that were recorded. */
  readonly recorded: readonly string[];
  readonly additions: readonly Addition[];
  /** Denied with ENOSYS, after which C libraries take another way. */
  readonly fallBack: readonly string[];
  /** What the recording could not be followed in, in words. */
  readonly notes: readonly string[];
}

/**
 * The smallest profile that lets recorded calls through: every other call is an error, calls stand by purpose, and what
 * was added has a rule of its own that says why.
 *
 * @example profileOf({ arch: 'x86_64', runs: [], calls: [] }, { dialect: 'docker', arch: 'x86_64', exact: true }).recorded // []
 */
export function profileOf({ calls }: Runs, options: ProfileOptions): RecordedProfile {
  const { arch, dialect, asked = new Map(), conditions = new Map(), exact = false } = options;
  const portable = options.portable === true && !exact;
  const notes: string[] = [];
  const byName = namedCalls(calls, notes);
  const noClone3 = options.clone3 === false && byName.delete('clone3');
  const recorded = new Set(byName.keys());
  const subs = subAbis(calls, arch);
  const abis = portable ? undefined : [arch, ...subs];
  const runtime = options.runtime === undefined || exact ? [] : [neededByRuntime(options.runtime)];
  const free = new Set(runtime.flatMap(({ names }) => names));
  const restrictions = restrictionsOf(byName, asked, conditions, free);
  notes.push(...restrictions.notes);
  const siblings = portable ? portableTo(recorded, restrictions.asked) : { additions: [], leftOut: [] };
  const additions = distinct(
    [
      ...(noClone3 ? [INSTEAD_OF_CLONE3] : []),
      ...runtime,
      ...(exact ? [] : alwaysNeeded(recorded)),
      ...siblings.additions,
    ],
    recorded,
    abis,
  );
  const allowed = new Set([...recorded, ...additions.flatMap(({ names }) => names)]);
  const fallBack = exact
    ? noClone3
      ? ['clone3']
      : []
    : callsThatFallBack().filter((name) => !allowed.has(name) && exists(name, abis));
  notes.push(...clone3Notes(recorded, restrictions), ...leftOutNotes(siblings.leftOut));
  const rules: readonly ProfileRule[] = [
    ...byPurpose([...recorded].filter((name) => !restrictions.rules.has(name))).map(({ title, names }) =>
      allow(names, `recorded: ${title}`),
    ),
    ...[...restrictions.rules].flatMap(([name, own]) =>
      own.map(({ args, text }) => allow([name], `recorded: ${text}`, args)),
    ),
    ...additions.flatMap((addition) => additionRules(addition, conditions)),
    ...(fallBack.length === 0 ? [] : [fallBackRule(fallBack, arch)]),
  ];
  return {
    profile: {
      dialect,
      source: 'recorded',
      defaultAction: 'SCMP_ACT_ERRNO',
      ...architecturesOf(dialect, arch, subs, portable),
      rules,
      notes: [],
      locate: () => undefined,
    },
    recorded: [...recorded].sort(),
    additions,
    fallBack,
    notes,
  };
}

const INSTEAD_OF_CLONE3: Addition = {
  kind: 'sibling',
  names: ['clone'],
  reason: 'C libraries take it after clone3 got ENOSYS',
  source: 'glibc sysdeps/unix/sysv/linux/clone-internal.c',
};

const allow = (names: readonly string[], comment: string, args: ProfileRule['args'] = []): ProfileRule =>
  newRule([...names].sort(), 'SCMP_ACT_ALLOW', { args, comment });

/** What is added keeps the conditions of the engine's default. */
function additionRules({ names, reason }: Addition, conditions: Conditions): readonly ProfileRule[] {
  const plain = names.filter((name) => !conditions.has(name));
  return [
    ...(plain.length === 0 ? [] : [allow(plain, `added: ${reason}`)]),
    ...names.flatMap((name) =>
      withinDefault(conditions.get(name) ?? []).map(({ args, text }) =>
        allow([name], `added, ${text}: ${reason}`, args),
      ),
    ),
  ];
}

function fallBackRule(names: readonly string[], arch: AbiName): ProfileRule {
  return newRule(names, 'SCMP_ACT_ERRNO', {
    errnoRet: errnoNumber('ENOSYS', arch) ?? 38,
    comment: 'denied: after ENOSYS C libraries take an older call, after EPERM they fail',
  });
}

function clone3Notes(recorded: ReadonlySet<string>, { rules }: Restrictions): readonly string[] {
  if (!recorded.has('clone3')) return [];
  const round = rules.has('clone') ? ', so it goes round the rule for clone' : '';
  return [
    `clone3 was called and is allowed: its flags are in memory, where no filter sees them${round}; --no-clone3 answers it with ENOSYS, after which C libraries take clone`,
  ];
}

function leftOutNotes(names: readonly string[]): readonly string[] {
  const others = names.filter((name) => name !== 'clone3');
  if (others.length === 0) return [];
  return [`${others.join(', ')}: left out of what --portable adds, as they go round a restriction of --args`];
}

/** Recorded calls by name: a rule names a call for all architectures at once. */
function namedCalls(calls: readonly RecordedCall[], notes: string[]): Map<string, RecordedCall[]> {
  const found = new Map<string, RecordedCall[]>();
  const unnamed: string[] = [];
  for (const call of calls) {
    const name = syscallName(call.number, call.abi);
    if (name === undefined) unnamed.push(`0x${call.number.toString(16)} (${call.abi})`);
    else found.set(name, [...(found.get(name) ?? []), call]);
  }
  if (unnamed.length > 0)
    notes.push(
      `${unnamed.slice(0, 8).join(', ')}${unnamed.length > 8 ? ' …' : ''}: numbers without a name, which a profile cannot allow`,
    );
  return found;
}

/** Each name once, for the first reason; undefined `abis`: whatever architectures have it. */
function distinct(
  additions: readonly Addition[],
  recorded: ReadonlySet<string>,
  abis: readonly AbiName[] | undefined,
): readonly Addition[] {
  const seen = new Set(recorded);
  return additions.flatMap((addition) => {
    const names = addition.names.filter((name) => {
      if (seen.has(name) || !exists(name, abis)) return false;
      seen.add(name);
      return true;
    });
    return names.length === 0 ? [] : [{ ...addition, names: names.sort() }];
  });
}

function exists(name: string, abis: readonly AbiName[] | undefined): boolean {
  return abis === undefined || abis.some((abi) => syscallNumber(name, abi) !== undefined);
}
