import type { Context } from '../engine/context.js';
import { CallgateError } from '../error.js';
import { type FilterPrediction, predict } from '../explain/predict.js';
import { decide } from '../policy/decide.js';
import { letsRun } from '../policy/widening.js';
import type { OciArg } from '../profile/argument.js';
import { formatDocker, formatOci } from '../profile/format.js';
import { formatSpo } from '../profile/formatSpo.js';
import { toOci } from '../profile/oci.js';
import type { Dialect, Profile } from '../profile/profile.js';
import { readProfile } from '../profile/read.js';
import { runtimeNeeds } from '../runtime/needs.js';
import { abi as abiOf } from '../syscalls/abis.js';
import { syscallName } from '../syscalls/table.js';
import { type Comparison, compareWithDefault } from './comparison.js';
import { defaultConditions } from './conditions.js';
import { type ProfileOptions, profileOf, type RecordedProfile } from './profile.js';
import type { Runs } from './runs.js';

/** What the profile is for, and where it goes. */
export interface ContainerOptions extends Omit<ProfileOptions, 'arch' | 'runtime' | 'conditions'> {
  readonly noNewPrivileges: boolean;
  /** The profile's file; a SeccompProfile is named after it. */
  readonly file: string;
}

/** A recorded profile as a container gets it. */
export interface ContainerProfile extends RecordedProfile {
  /** The file's content. */
  readonly text: string;
  /** What the container's engine and runtime make of that text. */
  readonly prediction: FilterPrediction;
  /** Absent where the container would have no filter by default. */
  readonly comparison?: Comparison;
}

/**
 * Makes the smallest profile for what was recorded, writes it, reads it back as the container's engine does, and
 * compares it with that engine's default.
 *
 * @throws CallgateError `INPUT` when the container would not start with it
 * @example
 * const runs = singleRun('x86_64', { recorder: 'strace', lost: 0, calls: [{ abi: 'x86_64', number: 0, count: 3 }] }, { source: 'log' });
 * const { context } = await resolveContext({ engine: 'docker@28.5.2' });
 * const made = await profileFor(context, runs, { dialect: 'docker', file: 'web.json', noNewPrivileges: false });
 * made.comparison?.beyond; // []
 */
export async function profileFor(
  context: Context,
  runs: Runs,
  { noNewPrivileges, file, ...options }: ContainerOptions,
): Promise<ContainerProfile> {
  const { arch, runtime } = context;
  const needs = runtimeNeeds(runtime, noNewPrivileges);
  const made = profileOf(runs, {
    ...options,
    arch,
    conditions: await defaultConditions(context),
    ...(needs === undefined ? {} : { runtime: { title: `${runtime.name} ${runtime.version}`, needs } }),
  });
  const text = written(made.profile, options.dialect, file);
  const profile = readProfile(text, file, { dialect: options.dialect === 'oci' ? 'oci' : 'docker' });
  const kind = options.dialect === 'oci' ? 'oci' : 'profile';
  const prediction = await predict({ ...context, seccomp: { kind, profile } });
  if (prediction.kind !== 'filter')
    throw new CallgateError(
      'INPUT',
      `no container starts with the recorded profile: ${reasonOf(prediction)}`,
      {
        hint: 'name another --engine, --runtime or --libseccomp',
      },
    );
  const byDefault = await predict({ ...context, seccomp: { kind: 'default' } });
  const meant = new Set(made.fallBack);
  const refused = refusedCalls(runs, prediction).filter((name) => !meant.has(name));
  return {
    ...made,
    notes: refused.length === 0 ? made.notes : [...made.notes, refusedNote(refused, context)],
    text,
    prediction,
    ...(byDefault.kind === 'filter' ? { comparison: compareWithDefault(prediction, byDefault) } : {}),
  };
}

function written(profile: Profile, dialect: Dialect, file: string): string {
  switch (dialect) {
    case 'docker':
      return formatDocker(profile);
    case 'oci':
      return formatOci(toOci(profile));
    case 'spo':
      return formatSpo(withinInt64(profile), { name: objectName(file), json: file.endsWith('.json') });
  }
}

/** Of a Kubernetes object's name (RFC 1123 subdomain, shortened to a label). */
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** A file's name with a hyphen for what Kubernetes does not take. */
function objectName(file: string): string {
  const word = file
    .replace(/^.*\//, '')
    .replace(/\.[a-z]+$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return NAME.test(word) ? word : 'recorded';
}

const INT64 = (1n << 63n) - 1n;

/** Kubernetes holds integers with 63 bits and a sign, so the topmost bit of a register, which no call uses, is not compared. */
function withinInt64(profile: Profile): Profile {
  const narrow = (arg: OciArg): OciArg => {
    if (arg.value <= INT64 && arg.valueTwo <= INT64) return arg;
    const [mask, datum] = arg.op === 'SCMP_CMP_EQ' ? [INT64, arg.value] : [arg.value & INT64, arg.valueTwo];
    return { index: arg.index, value: mask, valueTwo: datum & INT64, op: 'SCMP_CMP_MASKED_EQ' };
  };
  return { ...profile, rules: profile.rules.map((rule) => ({ ...rule, args: rule.args.map(narrow) })) };
}

function reasonOf(prediction: Exclude<Awaited<ReturnType<typeof predict>>, FilterPrediction>): string {
  switch (prediction.kind) {
    case 'unconfined':
      return prediction.reason;
    case 'loadError':
    case 'unknown':
      return prediction.message;
  }
}

/** Recorded calls that the container denies all the same, with the values that were recorded. */
function refusedCalls({ calls }: Runs, { policy }: FilterPrediction): readonly string[] {
  const names = calls.flatMap(({ abi, number, args }) => {
    const name = syscallName(number, abi);
    if (name === undefined) return [];
    const { auditArch } = abiOf(abi);
    const registers =
      args === undefined || args.length === 0 ? [[]] : args.map(({ values }) => sixOf(values));
    return registers.every((each) => letsRun(decide(policy, { auditArch, number, args: each })))
      ? []
      : [name];
  });
  return [...new Set(names)];
}

const sixOf = (values: Readonly<Record<number, bigint>>): readonly bigint[] =>
  Array.from({ length: 6 }, (_, index) => values[index] ?? 0n);

function refusedNote(names: readonly string[], { libseccomp, arch }: Context): string {
  return `${names.join(', ')}: denied all the same, as libseccomp ${libseccomp} does not know the call on ${arch}, or the architecture has none`;
}
