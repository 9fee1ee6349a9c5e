import { CallgateError } from '../error.js';
import type { Note, Profile } from '../profile/profile.js';
import type { AbiName } from '../syscalls/abi.js';
import { abis, findAbi } from '../syscalls/abis.js';
import { capabilities as allCapabilities } from '../syscalls/capabilities.js';
import { nearestWords } from '../syscalls/nearest.js';
import { behaves } from './behaviours.js';
import { containerCapabilities } from './capabilities.js';
import type { Context, EngineName, SeccompChoice } from './context.js';
import type { ContextInput } from './contextInput.js';
import { type EngineDefaults, loadDefaults } from './defaults.js';
import { distroPackages } from './distro.js';
import { chooseKernel, kernelNumbers, newestKernel } from './kernelRelease.js';
import { type FilledWords, fillFromPackages } from './packages.js';
import { chooseRelease, newestRelease } from './releaseWord.js';
import { resolveRuntime } from './resolveRuntime.js';
import { readSecurityOptions, type SeccompRequest, seccompChoice } from './securityOpt.js';
import { type ContextTarget, parseContextTarget } from './target.js';
import type { Versioned } from './versioned.js';

/** A context, and what was assumed on the way to it. */
export interface ResolvedContext {
  readonly context: Context;
  readonly noNewPrivileges: boolean;
  /** Assumptions, releases chosen for a shorter word, deprecated spellings. */
  readonly notes: readonly Note[];
}

/**
 * Everything that decides a verdict, from the words of the command line.
 *
 * @throws CallgateError `USAGE` for words that mean nothing, `UNKNOWN` for releases that the data does not hold (naming
 *   the nearest ones), `INPUT` where the engine itself refuses the options, in its words
 * @example (await resolveContext({ engine: 'docker@20.10.9', capAdd: ['SYS_ADMIN'] })).context.runtime.version // '1.0.1'
 */
export async function resolveContext(input: ContextInput): Promise<ResolvedContext> {
  const { seccomp, finish } = beginContext(input, await loadDefaults(engineOf(input)));
  return finish(seccomp === undefined ? undefined : await input.readProfile?.(seccomp));
}

/** As {@link resolveContext}, where the engine's data is loaded already and files are read at once. */
export function resolveContextNow(
  input: Omit<ContextInput, 'readProfile'> & { readonly readProfile?: (path: string) => Profile },
  defaults: EngineDefaults,
): ResolvedContext {
  const { seccomp, finish } = beginContext(input, defaults);
  return finish(seccomp === undefined ? undefined : input.readProfile?.(seccomp));
}

/** The engine that the words name. */
export function engineOf({
  engine,
  like,
  packages,
}: Pick<ContextInput, 'engine' | 'like' | 'packages'>): EngineName {
  return (engineWord(engine) ?? like?.engine)?.name ?? packages?.engine ?? 'docker';
}

/** The words for engine, runtime, libseccomp and kernel, with those of a set of packages for what is left open. */
function packageWords(input: ContextInput): FilledWords {
  const { like } = input;
  const words = {
    engine: engineWord(input.engine) ?? like?.engine,
    runtime: runtimeWord(input.runtime) ?? like?.runtime,
    libseccomp: input.libseccomp ?? like?.libseccomp,
    kernel: input.kernel ?? like?.kernel,
  };
  const packages = like?.distro === undefined ? input.packages : distroPackages(like.distro);
  return packages === undefined ? { ...words, notes: [] } : fillFromPackages(words, packages);
}

interface Begun {
  /** The file that must be read before the end; undefined: none. */
  readonly seccomp: string | undefined;
  readonly finish: (read: Profile | undefined) => ResolvedContext;
}

function beginContext(input: ContextInput, defaults: EngineDefaults): Begun {
  const { like } = input;
  const nearest = input.nearest ?? false;
  const words = packageWords(input);
  const notes: Note[] = [...words.notes];
  const engine = resolveEngine(words.engine, defaults, nearest, notes);
  const runtime = resolveRuntime(engine, words.runtime, words.libseccomp, nearest);
  notes.push(...runtime.notes);
  const kernel = resolveKernel(words.kernel, input.hostKernel, nearest, notes);
  const arch = resolveArch(input);
  const privileged = (input.privileged ?? false) || (like?.privileged ?? false);
  const capabilities = resolveCapabilities(input, engine, defaults, kernel, privileged, notes);
  const security = readSecurityOptions({
    engine: engine.name,
    version: engine.version,
    options: [...(like?.unconfined === true ? ['seccomp=unconfined'] : []), ...(input.securityOpt ?? [])],
    privileged,
    ...(input.daemonProfile === undefined ? {} : { daemonProfile: input.daemonProfile }),
  });
  notes.push(...security.notes);
  const runtimeParts = { runtime: runtime.runtime, libseccomp: runtime.libseccomp };
  const request = security.seccomp;
  if (request.kind === 'error') {
    throw new CallgateError('INPUT', `${engine.name} ${engine.version}: ${request.message}`, {
      ...(request.message.includes('--security-opt') ? { expected: securityOptions(engine) } : {}),
    });
  }
  const finish = (read: Profile | undefined): ResolvedContext => {
    const seccomp = resolveSeccomp(input, engine, request, read);
    const { noNewPrivileges } = security;
    return {
      context: { engine, ...runtimeParts, kernel, arch, capabilities, privileged, seccomp },
      noNewPrivileges,
      notes,
    };
  };
  return {
    seccomp: input.profile === undefined && request.kind === 'file' ? request.path : undefined,
    finish,
  };
}

function engineWord(word: string | undefined): Versioned<EngineName> | undefined {
  if (word === undefined) return undefined;
  if (/^(kubernetes|k8s)(@|$)/i.test(word)) {
    throw new CallgateError('USAGE', 'kubernetes leaves seccomp to its container runtime', {
      hint: 'write --engine containerd@VERSION or --engine cri-o@VERSION',
    });
  }
  const { engine } = parseContextTarget(word);
  if (engine !== undefined && !word.includes('+')) return engine;
  throw new CallgateError('USAGE', `"${word}" is not an engine`, {
    expected: 'docker, podman, buildah, containerd or cri-o, with @VERSION or without',
  });
}

function runtimeWord(word: string | undefined): ContextTarget['runtime'] {
  if (word === undefined) return undefined;
  const { runtime } = parseContextTarget(word);
  if (runtime !== undefined && !word.includes('+')) return runtime;
  throw new CallgateError('USAGE', `"${word}" is not a runtime`, {
    expected: 'runc, crun, youki or runsc, with @VERSION or without',
  });
}

function resolveEngine(
  asked: Versioned<EngineName> | undefined,
  defaults: EngineDefaults,
  nearest: boolean,
  notes: Note[],
): Context['engine'] {
  const name = asked?.name ?? 'docker';
  const known = defaults.releases.map(({ version }) => version);
  if (asked?.version === undefined) return { name, version: newestRelease(known) ?? '' };
  const chosen = chooseRelease({ name, known, word: asked.version, nearest });
  notes.push(...chosen.notes);
  return { name, version: chosen.version };
}

/** A host's kernel can be newer than the data; it then counts as the newest known one, and a note says so. */
function resolveKernel(
  asked: string | undefined,
  hostKernel: string | undefined,
  nearest: boolean,
  notes: Note[],
): string {
  const host = asked === undefined && hostKernel !== undefined ? kernelNumbers(hostKernel) : undefined;
  if (asked === undefined && host === undefined) return newestKernel;
  const chosen = chooseKernel(asked ?? host ?? newestKernel, nearest || asked === undefined);
  notes.push(...chosen.notes);
  return chosen.version;
}

/** Docker before 1.11 knows nothing but the colon. */
function securityOptions({ name, version }: Context['engine']): string {
  return name === 'docker' && !behaves('docker', version, 'security-opt-equals')
    ? 'seccomp:FILE, seccomp:unconfined, apparmor:NAME, label:LABEL'
    : 'seccomp=FILE, seccomp=unconfined, no-new-privileges, apparmor=NAME, label=LABEL …';
}

function resolveArch(input: ContextInput): AbiName {
  const word = input.arch ?? input.platform ?? input.like?.arch ?? input.hostArch;
  if (word === undefined) return 'x86_64';
  const arch = findAbi(word);
  if (arch !== undefined) return arch;
  const [system] = word.split('/', 1);
  if (word.includes('/') && system !== 'linux')
    throw new CallgateError('USAGE', `${word}: seccomp is Linux’s`, { expected: 'linux/ARCH' });
  throw new CallgateError('USAGE', `no architecture is called ${word}`, {
    expected: abis.map(({ name }) => name).join(', '),
  });
}

/** Every engine's every release takes names without CAP_; a target's word has them in full. */
const bare = (name: string): string => name.replace(/^CAP_/i, '');

/** For words that no engine knows, and for names in full where the release puts CAP_ before every word. */
function meantCapabilities(words: readonly string[]): readonly string[] {
  const names = allCapabilities.map(({ name }) => bare(name));
  const mistyped = words.filter(
    (word) => word.toUpperCase() !== 'ALL' && !names.includes(word.toUpperCase()),
  );
  return [...new Set(mistyped.flatMap((word) => nearestWords(bare(word), names)))];
}

function resolveCapabilities(
  input: ContextInput,
  engine: Context['engine'],
  defaults: EngineDefaults,
  kernel: string,
  privileged: boolean,
  notes: Note[],
): readonly string[] {
  const own = defaults.defaultCapabilities(engine.version);
  if (own === undefined) {
    const text = `the default capabilities of ${engine.name} ${engine.version} are not known: none are assumed`;
    notes.push({ kind: 'assumption', text });
  }
  const result = containerCapabilities({
    engine: engine.name,
    version: engine.version,
    kernel,
    defaults: own ?? [],
    add: [...(input.like?.capAdd ?? []).map(bare), ...(input.capAdd ?? [])],
    drop: [...(input.like?.capDrop ?? []).map(bare), ...(input.capDrop ?? [])],
    privileged,
  });
  if (result.kind === 'error') {
    const near = meantCapabilities([...(input.capAdd ?? []), ...(input.capDrop ?? [])]);
    throw new CallgateError('INPUT', `${engine.name} ${engine.version}: ${result.message}`, {
      expected: 'ALL or names of capabilities(7), such as SYS_PTRACE',
      ...(near.length === 0 ? {} : { hint: `did you mean ${near.join(', ')}?` }),
    });
  }
  notes.push(...result.notes);
  return result.capabilities;
}

function resolveSeccomp(
  input: ContextInput,
  engine: Context['engine'],
  request: Exclude<SeccompRequest, { kind: 'error' }>,
  read: Profile | undefined,
): SeccompChoice {
  if (input.profile !== undefined) return profileFlag(input, engine, input.profile);
  if (request.kind === 'file' && read === undefined) {
    throw new CallgateError('USAGE', `the profile ${request.path} cannot be read here`, {
      hint: 'give the profile itself',
    });
  }
  return seccompChoice(request, read);
}

/** `--profile` is `--security-opt seccomp=FILE` with the file read: the same options decide whether it counts. */
function profileFlag(input: ContextInput, engine: Context['engine'], profile: Profile): SeccompChoice {
  const { seccomp } = readSecurityOptions({
    engine: engine.name,
    version: engine.version,
    options: [behaves('docker', engine.version, 'security-opt-equals') ? 'seccomp=FILE' : 'seccomp:FILE'],
    privileged: (input.privileged ?? false) || (input.like?.privileged ?? false),
  });
  return seccomp.kind === 'unconfined' ? { kind: 'unconfined' } : { kind: 'profile', profile };
}
