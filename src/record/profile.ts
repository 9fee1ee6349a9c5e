import { callsThatFallBack } from '../explain/libc.js';
import { newRule } from '../explain/remedies/editor.js';
import type { ArchMapEntry, Dialect, Profile, ProfileRule } from '../profile/profile.js';
import type { AbiName } from '../syscalls/abi.js';
import { abi as abiOf, subAbisDocker } from '../syscalls/abis.js';
import { errnoNumber } from '../syscalls/constants.js';
import { syscallName, syscallNumber } from '../syscalls/table.js';
import { type Addition, alwaysNeeded, neededByRuntime, portableTo, type RuntimeStart } from './additions.js';
import { type Restriction, restrict } from './argumentRules.js';
import type { AskedArguments } from './argumentsAsked.js';
import { byPurpose } from './purposes.js';
import type { RecordedCall } from './recording.js';
import { restrictionText } from './restrictionText.js';
import type { Runs } from './runs.js';

export interface ProfileOptions {
  readonly dialect: Dialect;
  /** The container's own ABI. */
  readonly arch: AbiName;
  /** Calls whose argument values were asked for. */
  readonly asked?: AskedArguments;
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
  const { arch, dialect } = options;
  const notes: string[] = [];
  const byName = namedCalls(calls, notes);
  const recorded = new Set(byName.keys());
  const subs = subAbis(calls, arch);
  const additions = options.exact === true ? [] : additionsTo(recorded, options);
  const forRuntime = new Set(
    additions.filter(({ kind }) => kind === 'runtime').flatMap(({ names }) => names),
  );
  const restrictions = restrictionsOf(byName, options.asked ?? new Map(), forRuntime, notes);
  const portable = options.portable === true && options.exact !== true;
  const siblings = portable ? portableTo(recorded, new Set(restrictions.keys())) : undefined;
  if (siblings !== undefined && restrictions.size > 0) {
    const names = siblings.leftOut.filter((name) => name !== 'clone3');
    if (names.length > 0)
      notes.push(`${names.join(', ')}: left out of what --portable adds, as they go round a restriction`);
  }
  const abis = [arch, ...subs];
  const added = distinct(
    [...additions, ...(siblings?.additions ?? [])],
    recorded,
    portable ? undefined : abis,
  );
  const allowed = new Set([...recorded, ...added.flatMap(({ names }) => names)]);
  const fallBack =
    options.exact === true
      ? []
      : callsThatFallBack().filter((name) => !allowed.has(name) && exists(name, portable ? undefined : abis));
  if (recorded.has('clone3') && restrictions.has('clone'))
    notes.push(
      'clone3 was called: its flags are in memory, where no filter sees them, so it goes round the rule for clone',
    );
  const plain = [...recorded].filter((name) => !restrictions.has(name));
  const rules: readonly ProfileRule[] = [
    ...byPurpose(plain).map(({ title, names }) => allow(names, `recorded: ${title}`)),
    ...[...restrictions].flatMap(([name, restriction]) =>
      restriction.map((args) =>
        newRule([name], 'SCMP_ACT_ALLOW', {
          args,
          comment: `recorded: ${restrictionText(name, abiOfFirst(byName, name, arch), args)}`,
        }),
      ),
    ),
    ...added.map(({ names, reason }) => allow(names, `added: ${reason}`)),
    ...(fallBack.length === 0
      ? []
      : [
          newRule(fallBack, 'SCMP_ACT_ERRNO', {
            errnoRet: errnoNumber('ENOSYS', arch) ?? 38,
            comment: 'not recorded: after ENOSYS C libraries take an older call, after EPERM they fail',
          }),
        ]),
  ];
  return {
    profile: {
      dialect,
      source: 'recorded',
      defaultAction: 'SCMP_ACT_ERRNO',
      ...head(dialect, arch, subs, portable),
      rules,
      notes: [],
      locate: () => undefined,
    },
    recorded: [...recorded].sort(),
    additions: added,
    fallBack,
    notes,
  };
}

const allow = (names: readonly string[], comment: string): ProfileRule =>
  newRule([...names].sort(), 'SCMP_ACT_ALLOW', { comment });

type NamedCalls = ReadonlyMap<string, readonly RecordedCall[]>;

/** Recorded calls by name: a rule names a call for all architectures at once. */
function namedCalls(calls: readonly RecordedCall[], notes: string[]): NamedCalls {
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

/** Further architectures of the filter: only those that were seen. */
function subAbis(calls: readonly RecordedCall[], arch: AbiName): readonly AbiName[] {
  const seen = new Set(calls.map(({ abi }) => abi));
  return (subAbisDocker.get(arch) ?? []).filter((abi) => seen.has(abi));
}

function additionsTo(recorded: ReadonlySet<string>, { runtime }: ProfileOptions): readonly Addition[] {
  return [...(runtime === undefined ? [] : [neededByRuntime(runtime)]), ...alwaysNeeded(recorded)];
}

function restrictionsOf(
  byName: NamedCalls,
  asked: AskedArguments,
  forRuntime: ReadonlySet<string>,
  notes: string[],
): ReadonlyMap<string, readonly ProfileRule['args'][]> {
  const found = new Map<string, readonly ProfileRule['args'][]>();
  for (const name of asked.keys()) {
    const calls = byName.get(name);
    if (calls === undefined) {
      notes.push(`${name} was not called, so that there is nothing to restrict it to`);
      continue;
    }
    const restriction = restrictAll(name, calls);
    if (restriction.kind === 'any')
      notes.push(`${name} is allowed with any arguments: ${restriction.reason}`);
    else if (forRuntime.has(name))
      notes.push(
        `${name} is allowed with any arguments: the container's runtime calls it under the filter as well (--exact leaves that out)`,
      );
    else found.set(name, restriction.alternatives);
  }
  return found;
}

/** Rules hold on all architectures, so the values of all of them count. */
function restrictAll(name: string, calls: readonly RecordedCall[]): Restriction {
  const alternatives = new Map<string, ProfileRule['args']>();
  for (const call of calls) {
    const one = restrict(name, call);
    if (one.kind === 'any') return one;
    for (const args of one.alternatives)
      alternatives.set(
        args.map(({ index, op, value, valueTwo }) => `${index}${op}${value},${valueTwo}`).join(),
        args,
      );
  }
  return { kind: 'restricted', alternatives: [...alternatives.values()] };
}

const abiOfFirst = (byName: NamedCalls, name: string, arch: AbiName): AbiName =>
  byName.get(name)?.[0]?.abi ?? arch;

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

/** The architectures: the recorded ones, or, for a portable profile, every native one. */
function head(
  dialect: Dialect,
  arch: AbiName,
  subs: readonly AbiName[],
  portable: boolean,
): Pick<Profile, 'architectures' | 'archMap'> {
  const entry = (native: AbiName, others: readonly AbiName[]): ArchMapEntry => ({
    architecture: abiOf(native).scmp,
    subArchitectures: others.map((abi) => abiOf(abi).scmp),
  });
  if (dialect !== 'docker')
    // Without a list the runtime takes the native architecture of the machine, whichever that is.
    return {
      archMap: [],
      architectures: portable && subs.length === 0 ? [] : [arch, ...subs].map((abi) => abiOf(abi).scmp),
    };
  const natives = portable ? [...new Set([arch, ...subAbisDocker.keys()])] : [arch];
  return { architectures: [], archMap: natives.map((native) => entry(native, native === arch ? subs : [])) };
}
