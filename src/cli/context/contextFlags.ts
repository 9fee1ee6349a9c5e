import { machine, arch as nodeArch, platform, release } from 'node:os';
import { type ContainerWords, withWords } from '../../container/words.js';
import type { Context, EngineName } from '../../engine/context.js';
import type { ContextInput } from '../../engine/contextInput.js';
import { loadDefaults } from '../../engine/defaults.js';
import { engineOf, type ResolvedContext, resolveContext } from '../../engine/resolveContext.js';
import { type ContextTarget, parseTarget, type Target } from '../../engine/target.js';
import { CallgateError } from '../../error.js';
import type { Here } from '../../linux/host/here.js';
import type { Profile } from '../../profile/profile.js';
import { readOciConfig, readProfile } from '../../profile/read.js';
import type { Io } from '../io/io.js';
import type { Config } from './config.js';
import type { ContextFlags } from './contextOptions.js';
import { findConfig, namesNoContext } from './findConfig.js';
import { leftOpen, likeBeside } from './leftOpen.js';

export { addContextFlags, type ContextFlags } from './contextOptions.js';

/** What a verb works on: a container's context, or a filter as it is. */
export type Subject =
  | { readonly kind: 'context'; readonly resolved: ResolvedContext }
  | { readonly kind: 'bpf'; readonly path: string; readonly resolved: ResolvedContext }
  /** The filters of a running process; `name` is how it was asked for: `pid:1234`, `container:web`. */
  | {
      readonly kind: 'process';
      readonly pid: number;
      readonly name: string;
      readonly resolved: ResolvedContext;
    };

/**
 * Reads flags, and the files that they name; where they name no context, that of the project's configuration.
 *
 * @param profile in place of the one that flags or configuration name
 */
export async function resolveFlags(
  flags: ContextFlags,
  io: Io,
  host: Pick<ContextInput, 'hostKernel'> = {},
  profile?: string,
): Promise<Subject> {
  const config = namesNoContext(flags) ? await configured(io) : undefined;
  const said = { ...(config?.context ?? flags), ...(profile === undefined ? {} : { profile }) };
  const like = said.like === undefined ? NO_TARGET : parseTarget(said.like);
  const subject = await resolve(like, like.kind === 'context' ? like : undefined, said, io, host);
  if (config?.context === undefined) return subject;
  const note = { kind: 'config', text: `the context is that of ${config.file}` };
  return { ...subject, resolved: { ...subject.resolved, notes: [note, ...subject.resolved.notes] } };
}

/** Read only where there is such a file: few projects have one, and every command would wait for it. */
async function configured(io: Io): Promise<Config | undefined> {
  const path = findConfig();
  if (path === undefined) return undefined;
  const { readConfig } = await import('./config.js');
  return readConfig(path, io);
}

const NO_TARGET: ContextTarget = {
  kind: 'context',
  capAdd: [],
  capDrop: [],
  privileged: false,
  unconfined: false,
};

/**
 * A target word on its own, with the flags for what it leaves open.
 *
 * @param beside the target that it is compared with, in whose container a profile's file is read where no flag says another
 * @throws {CallgateError}
 */
export async function resolveTarget(
  target: Target,
  flags: ContextFlags,
  io: Io,
  beside?: Target,
): Promise<Subject> {
  return resolve(target, likeBeside(flags, target, beside), leftOpen(flags, target), io);
}

async function resolve(
  target: Target,
  like: ContextTarget | undefined,
  flags: ContextFlags,
  io: Io,
  host: Pick<ContextInput, 'hostKernel'> = {},
): Promise<Subject> {
  const given = await describedContainer(flags, io);
  const words = toInput(flags, like, given, io);
  const subject = await subjectOf(
    target,
    { ...words, ...host, ...(await hereWords(like, flags, io)) },
    flags,
    io,
  );
  if (given === undefined || given.notes.length === 0) return subject;
  const { resolved } = subject;
  return { ...subject, resolved: { ...resolved, notes: [...given.notes, ...resolved.notes] } };
}

/** Read, and what reads it loaded, only where a flag describes one. */
async function describedContainer(flags: ContextFlags, io: Io): Promise<ContainerWords | undefined> {
  const { fromRun, fromCompose, fromDevcontainer, fromWorkflow } = flags;
  if ((fromRun ?? fromCompose ?? fromDevcontainer ?? fromWorkflow) === undefined) return undefined;
  const { givenContainer } = await import('./givenContainer.js');
  return givenContainer(flags, io);
}

async function subjectOf(target: Target, input: ContextInput, flags: ContextFlags, io: Io): Promise<Subject> {
  switch (target.kind) {
    case 'context':
      return withProfileFlag(input, flags, io);
    case 'file':
      return context({ ...input, profile: profileFile(target.path, io) });
    case 'unconfined':
      return context({ ...input, securityOpt: ['seccomp=unconfined'] });
    case 'oci':
      return ociContext(target.path, input, io);
    case 'inspect':
      return inspectContext(target.path, input, io);
    case 'bpf':
      return { kind: 'bpf', path: target.path, resolved: await resolveContext(input) };
    case 'pid':
      return processSubject(target.pid, `pid:${target.pid}`, input);
    case 'container': {
      const { containerPid } = await import('../../linux/process/containerPid.js');
      const { pid } = await containerPid(target.name, io.env);
      return processSubject(pid, `container:${target.name}`, input);
    }
  }
}

/** The kernel that runs the process is this host's. */
async function processSubject(pid: number, name: string, input: ContextInput): Promise<Subject> {
  const resolved = await resolveContext({ ...input, ...hostKernel() });
  return { kind: 'process', pid, name, resolved };
}

/** One detection serves every target of a command line. */
const detected = new Map<EngineName | undefined, Promise<Here>>();

async function hereWords(
  like: ContextTarget | undefined,
  flags: ContextFlags,
  io: Io,
): Promise<Pick<ContextInput, 'packages' | 'daemonProfile'>> {
  if (flags.here !== true) return {};
  // A release that is named need not be the one that is installed.
  const named = flags.engine?.includes('@') === true || like?.engine?.version !== undefined;
  const said = flags.engine !== undefined || like?.engine !== undefined;
  const engine =
    said && !named
      ? engineOf({
          ...(flags.engine === undefined ? {} : { engine: flags.engine }),
          ...(like === undefined ? {} : { like }),
        })
      : undefined;
  const { here } = await import('../../linux/host/here.js');
  const found = detected.get(engine) ?? here(engine, io.env);
  detected.set(engine, found);
  const { packages, daemonProfile } = await found;
  return { packages, ...(daemonProfile === undefined || named ? {} : { daemonProfile }) };
}

function toInput(
  flags: ContextFlags,
  like: ContextTarget | undefined,
  given: ContainerWords | undefined,
  io: Io,
): ContextInput {
  const {
    profile: _,
    like: __,
    here: ___,
    fromRun,
    fromCompose,
    fromDevcontainer,
    fromWorkflow,
    ...words
  } = flags;
  const input = {
    ...words,
    ...(like === undefined ? {} : { like }),
    ...hostWords(),
    readProfile: (path: string) => profileFile(path, io),
  };
  return given === undefined ? input : withWords(input, given);
}

/** The host's architecture is the default one even where it is no Linux; its kernel counts for `run` only. */
export function hostWords(): Pick<ContextInput, 'hostArch'> {
  return { hostArch: platform() === 'linux' ? machine() : nodeArch() === 'arm64' ? 'arm64' : 'amd64' };
}

/** The kernel that this process runs on. */
export function hostKernel(): Pick<ContextInput, 'hostKernel'> {
  return platform() === 'linux' ? { hostKernel: release() } : {};
}

async function context(input: ContextInput): Promise<Subject> {
  return { kind: 'context', resolved: await resolveContext(input) };
}

async function withProfileFlag(input: ContextInput, flags: ContextFlags, io: Io): Promise<Subject> {
  if (flags.profile === undefined) return context(input);
  const target = parseTarget(flags.profile);
  switch (target.kind) {
    case 'context':
      return context({ ...input, profile: await builtinProfile(target, flags) });
    case 'pid':
    case 'container':
      return resolveTarget(target, flags, io);
    case 'file':
    case 'unconfined':
    case 'oci':
    case 'inspect':
    case 'bpf':
      return subjectOf(target, input, flags, io);
  }
}

/** The default profile of a release, used as a file would be. */
async function builtinProfile(target: ContextTarget, flags: ContextFlags): Promise<Profile> {
  const { context: named } = await resolveContext({
    like: target,
    ...(flags.nearest === undefined ? {} : { nearest: flags.nearest }),
  });
  const profile = (await loadDefaults(named.engine.name)).profile(named.engine.version);
  if (profile !== undefined) return profile;
  throw new CallgateError('UNKNOWN', `${named.engine.name} ${named.engine.version} has no default profile`);
}

function profileFile(path: string, io: Io): Profile {
  return readProfile(io.read(path), path === '-' ? '<stdin>' : path);
}

async function ociContext(path: string, input: ContextInput, io: Io): Promise<Subject> {
  const found = readOciConfig(io.read(path), path);
  const resolved = await resolveContext(input);
  const seccomp: Context['seccomp'] =
    found.kind === 'unconfined' ? found : { kind: 'oci', profile: found.profile };
  return { kind: 'context', resolved: { ...resolved, context: { ...resolved.context, seccomp } } };
}

async function inspectContext(path: string, input: ContextInput, io: Io): Promise<Subject> {
  const { readDockerInspect } = await import('../../profile/dockerInspect.js');
  const { seccomp, capAdd, capDrop, privileged } = readDockerInspect(io.read(path), path);
  return context({
    ...input,
    capAdd: [...capAdd, ...(input.capAdd ?? [])],
    capDrop: [...capDrop, ...(input.capDrop ?? [])],
    privileged: privileged || input.privileged === true,
    ...(seccomp.kind === 'profile' ? { profile: seccomp.profile } : {}),
    ...(seccomp.kind === 'unconfined' ? { securityOpt: ['seccomp=unconfined'] } : {}),
  });
}
