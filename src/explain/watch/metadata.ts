import type { Context } from '../../engine/context.js';
import { resolveContext } from '../../engine/resolveContext.js';
import { CallgateError } from '../../error.js';
import type { Test } from '../../policy/policy.js';
import { formatDocker } from '../../profile/format.js';
import { readProfile } from '../../profile/read.js';
import { type FilterPrediction, predict } from '../predict.js';
import type { Errno, OriginalAnswers } from './originalAnswers.js';

/**
 * What a watch profile's `listenerMetadata` tells the agent. The runtime hands it over with the listener, unread: the
 * agent answers by it, and needs no file of the profile that was made elsewhere, maybe by another release of callgate.
 */
export interface WatchMetadata {
  readonly answers: OriginalAnswers;
  /** The container whose answers these are, to tell the rule that denied a call. */
  readonly origin: Origin | undefined;
}

/** A container in the words that it can be resolved from. */
export interface Origin {
  readonly engine: string;
  readonly runtime: string;
  readonly libseccomp: string;
  readonly kernel: string;
  readonly arch: string;
  readonly capabilities: readonly string[];
  /** Where the profile is not the engine's own. */
  readonly profile?: {
    readonly source: string;
    /** Absent for a long profile. */
    readonly text?: string;
    /** It goes to the runtime as it is, past the engine. */
    readonly oci: boolean;
  };
}

const VERSION = 1;
/** Longer profiles are named and not handed over: every container's state carries the metadata. */
const MOST_TEXT = 48 * 1024;
const MOST_METADATA = 512 * 1024;
const MOST_DEPTH = 64;

/** The metadata of a watch profile, as text. */
export function metadataText({ context, profile }: FilterPrediction, answers: OriginalAnswers): string {
  const others = [...answers.others].map(([arch, numbers]) => [
    arch.toString(16),
    Object.fromEntries(numbers),
  ]);
  return JSON.stringify({
    callgate: VERSION,
    errno: answers.errno,
    ...(others.length === 0 ? {} : { others: Object.fromEntries(others) }),
    origin: originOf(context, profile),
  });
}

function originOf(context: Context, profile: FilterPrediction['profile']): Origin {
  const { engine, runtime, libseccomp, kernel, arch, capabilities, seccomp } = context;
  const text = seccomp.kind === 'default' ? undefined : formatDocker(profile);
  return {
    engine: `${engine.name}@${engine.version}`,
    runtime: `${runtime.name}@${runtime.version}`,
    libseccomp,
    kernel,
    arch,
    capabilities: capabilities.map((name) => name.replace(/^CAP_/, '')),
    ...(text === undefined
      ? {}
      : {
          profile: {
            source: profile.source,
            ...(text.length > MOST_TEXT ? {} : { text }),
            oci: seccomp.kind === 'oci',
          },
        }),
  };
}

/** What a listener's metadata says; undefined when it is not of a watch profile, or damaged. */
export function readMetadata(text: string | undefined): WatchMetadata | undefined {
  if (text === undefined || text.length > MOST_METADATA) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || value['callgate'] !== VERSION || !isErrno(value['errno'])) return undefined;
  const others = readOthers(value['others'] ?? {});
  if (others === undefined) return undefined;
  return { answers: { errno: value['errno'], others }, origin: readOrigin(value['origin']) };
}

function readOthers(value: unknown): OriginalAnswers['others'] | undefined {
  if (!isObject(value)) return undefined;
  const others = new Map<number, ReadonlyMap<number, Errno>>();
  for (const [arch, numbers] of Object.entries(value)) {
    if (!/^[0-9a-f]{1,8}$/.test(arch) || !isObject(numbers)) return undefined;
    const read = new Map<number, Errno>();
    others.set(Number.parseInt(arch, 16), read);
    for (const [number, errno] of Object.entries(numbers)) {
      if (!/^\d{1,10}$/.test(number) || !isTree(errno, MOST_DEPTH)) return undefined;
      read.set(Number(number), errno);
    }
  }
  return others;
}

const OPERATORS: ReadonlySet<unknown> = new Set<Test['op']>(['eq', 'gt', 'ge']);

function isTree(value: unknown, depth: number): value is Errno {
  if (typeof value === 'number') return isErrno(value);
  return (
    depth > 0 &&
    isObject(value) &&
    isWord(value['word'], 11) &&
    isWord(value['mask'], 0xffffffff) &&
    isWord(value['value'], 0xffffffff) &&
    OPERATORS.has(value['op']) &&
    isTree(value['then'], depth - 1) &&
    isTree(value['else'], depth - 1)
  );
}

const isWord = (value: unknown, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;

const isErrno = (value: unknown): value is number => isWord(value, 0xffff);

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readOrigin(value: unknown): Origin | undefined {
  if (!isObject(value)) return undefined;
  const { capabilities, profile } = value;
  const words = ['engine', 'runtime', 'libseccomp', 'kernel', 'arch'].map((key) => value[key]);
  const whole =
    words.every((word) => typeof word === 'string') &&
    Array.isArray(capabilities) &&
    capabilities.every((word) => typeof word === 'string') &&
    (profile === undefined || (isObject(profile) && typeof profile['source'] === 'string'));
  return whole ? (value as unknown as Origin) : undefined;
}

/**
 * The original container's prediction, which tells the rule that denied a call. Undefined where the metadata does not
 * hold the profile, or tells of releases that this callgate does not know.
 */
export async function predictOrigin(origin: Origin): Promise<FilterPrediction | undefined> {
  const { capabilities, profile, ...input } = origin;
  if (profile !== undefined && typeof profile.text !== 'string') return undefined;
  try {
    const { context } = await resolveContext({ ...input, capDrop: ['ALL'], capAdd: capabilities });
    const prediction = await predict({ ...context, seccomp: seccompOf(profile) });
    return prediction.kind === 'filter' ? prediction : undefined;
  } catch (error) {
    if (error instanceof CallgateError) return undefined;
    throw error;
  }
}

function seccompOf(profile: Origin['profile']): Context['seccomp'] {
  if (profile?.text === undefined) return { kind: 'default' };
  const dialect = profile.oci ? 'oci' : 'docker';
  return {
    kind: profile.oci ? 'oci' : 'profile',
    profile: readProfile(profile.text, profile.source, { dialect }),
  };
}
