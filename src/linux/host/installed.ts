import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineName, RuntimeName } from '../../engine/context.js';
import { ask, type Environment, searchPath } from './command.js';

/** A low-level runtime of this host. */
export interface InstalledRuntime {
  readonly name: RuntimeName;
  readonly path: string;
  /** As it says itself: `1.1.5+ds1`. */
  readonly version: string | undefined;
  /** Whether it was built with seccomp; undefined when it does not say. */
  readonly seccomp: boolean | undefined;
  readonly libseccomp: LinkedLibrary | undefined;
  /** `features`, as runc since 1.1 and crun since 1.9 print them. */
  readonly features: SeccompFeatures | undefined;
}

/** The libseccomp that a runtime is linked with. */
export interface LinkedLibrary {
  readonly version: string;
  /** `static`: inside the runtime; `shared`: the host's package, whose version this is. */
  readonly linkage: 'static' | 'shared';
}

/** `linux.seccomp` of the OCI runtime spec's features.md. */
export interface SeccompFeatures {
  readonly enabled: boolean;
  readonly actions: readonly string[];
  readonly archs: readonly string[];
  readonly knownFlags: readonly string[];
  readonly supportedFlags: readonly string[];
}

/** A container engine of this host. */
export interface InstalledEngine {
  readonly name: EngineName;
  /** Of the daemon, where there is one. */
  readonly version: string | undefined;
  /** For engines with a daemon: whether it answers, or what it says instead. */
  readonly daemon: 'running' | string | undefined;
  /** The runtime that it starts when nobody says. */
  readonly runtime: string | undefined;
  /** The profile of containers that name none: `builtin`, `unconfined` or a path. */
  readonly profile: string | undefined;
}

const VERSION = /\b(\d+\.\d+[\w.+~-]*)/;

/** The file of a command, or undefined. */
export function findCommand(name: string, env: Environment = process.env): string | undefined {
  for (const directory of searchPath(env).split(':')) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // Not there, or not for us.
    }
  }
  return undefined;
}

/** runc, crun and youki, as far as they are installed. */
export async function installedRuntimes(
  env: Environment = process.env,
): Promise<readonly InstalledRuntime[]> {
  const packaged = await packagedLibseccomp(env);
  const names: readonly RuntimeName[] = ['runc', 'crun', 'youki'];
  const found = await Promise.all(names.map((name) => installedRuntime(name, packaged, env)));
  return found.filter((runtime) => runtime !== undefined);
}

async function installedRuntime(
  name: RuntimeName,
  packaged: string | undefined,
  env: Environment,
): Promise<InstalledRuntime | undefined> {
  const path = findCommand(name, env);
  if (path === undefined) return undefined;
  const [said, features] = await Promise.all([ask(path, ['--version'], env), ask(path, ['features'], env)]);
  const text = said?.ok === true ? said.text : '';
  const listed = features?.ok === true ? seccompFeatures(features.text) : undefined;
  // runc has this line only when it was built with the tag seccomp (main.go).
  const own = /^libseccomp: *(\S+)/m.exec(text)?.[1];
  const linkage = linksLibseccomp(path) ? 'shared' : 'static';
  const version = linkage === 'shared' ? (packaged ?? own) : own;
  const built =
    own !== undefined || /\+SECCOMP\b/.test(text) || (/-SECCOMP\b/.test(text) ? false : undefined);
  return {
    name,
    path,
    version: VERSION.exec(text)?.[1],
    seccomp: listed?.enabled ?? built ?? (name === 'runc' && text !== '' ? false : undefined),
    libseccomp: version === undefined ? undefined : { version, linkage },
    features: listed,
  };
}

/** A runtime that links the shared library names it in its dynamic section. */
function linksLibseccomp(path: string): boolean {
  try {
    return readFileSync(path).includes('libseccomp.so');
  } catch {
    return false;
  }
}

function seccompFeatures(text: string): SeccompFeatures | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const seccomp = member(member(parsed, 'linux'), 'seccomp');
  if (seccomp === undefined) return undefined;
  const words = (key: string): readonly string[] => {
    const list = member(seccomp, key);
    return Array.isArray(list) ? list.filter((word) => typeof word === 'string') : [];
  };
  return {
    enabled: member(seccomp, 'enabled') === true,
    actions: words('actions'),
    archs: words('archs'),
    knownFlags: words('knownFlags'),
    supportedFlags: words('supportedFlags'),
  };
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** The package that holds libseccomp.so.2, as the distribution writes its version. */
export async function packagedLibseccomp(env: Environment = process.env): Promise<string | undefined> {
  const ways: readonly (readonly [string, readonly string[]])[] = [
    ['dpkg-query', ['--show', '--showformat', '${Version}', 'libseccomp2']],
    ['rpm', ['--query', '--queryformat', '%{VERSION}-%{RELEASE}', 'libseccomp']],
    ['apk', ['list', '--installed', 'libseccomp']],
    ['pacman', ['--query', 'libseccomp']],
  ];
  for (const [command, args] of ways) {
    const answer = await ask(command, args, env);
    const version = answer?.ok === true ? VERSION.exec(answer.text)?.[1] : undefined;
    if (version !== undefined) return version;
  }
  return undefined;
}

/** The engines that are installed. Docker is asked through its daemon when that runs. */
export async function installedEngines(env: Environment = process.env): Promise<readonly InstalledEngine[]> {
  const found = await Promise.all([
    docker(env),
    podman(env),
    plain('containerd', env, 'containerd', () =>
      configured(['/etc/containerd/config.toml'], 'unset_seccomp_profile'),
    ),
    plain('cri-o', env, 'crio', () =>
      configured(['/etc/crio/crio.conf', '/etc/crio/crio.conf.d/10-crio.conf'], 'seccomp_profile'),
    ),
    plain('buildah', env),
  ]);
  return found.filter((engine) => engine !== undefined);
}

async function docker(env: Environment): Promise<InstalledEngine | undefined> {
  const [info, binary] = await Promise.all([
    ask('docker', ['info', '--format', '{{json .}}'], env),
    ask('dockerd', ['--version'], env),
  ]);
  if (info === undefined && binary === undefined) return undefined;
  const answer = info?.ok === true ? parsedObject(info.text) : undefined;
  const version = member(answer, 'ServerVersion');
  if (typeof version !== 'string' || version === '') {
    const down = info === undefined ? 'no docker command' : await whyNoDaemon(env, info.text);
    return {
      name: 'docker',
      version: VERSION.exec(binary?.text ?? '')?.[1],
      daemon: binary === undefined ? `no daemon here: ${down}` : down,
      ...dockerSettings(env),
    };
  }
  const options = member(answer, 'SecurityOptions');
  const seccomp = Array.isArray(options)
    ? options.map(String).find((word) => /name=seccomp/.test(word))
    : undefined;
  const runtime = member(answer, 'DefaultRuntime');
  return {
    name: 'docker',
    version,
    daemon: 'running',
    runtime: typeof runtime === 'string' && runtime !== '' ? runtime : undefined,
    // Docker before 23.0 says `default` for what is `builtin` now.
    profile:
      seccomp === undefined
        ? undefined
        : /profile=([^,]*)/.exec(seccomp)?.[1]?.replace(/^default$/, 'builtin'),
  };
}

/** What a daemon that does not run would do: this user's own (rootless) one, else the system's. */
function dockerSettings(env: Environment): Pick<InstalledEngine, 'runtime' | 'profile'> {
  const own = env['XDG_CONFIG_HOME'] ?? `${env['HOME'] ?? ''}/.config`;
  const text = firstText([`${own}/docker/daemon.json`, '/etc/docker/daemon.json']);
  const settings = text === undefined ? undefined : parsedObject(text);
  const word = (key: string): string | undefined => {
    const value = member(settings, key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return { runtime: word('default-runtime'), profile: word('seccomp-profile') };
}

function firstText(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      // The next one may be there.
    }
  }
  return undefined;
}

/** A word of CRI-O's or containerd's configuration (TOML), where it stands in a line of its own. */
function configured(paths: readonly string[], key: string): string | undefined {
  const value = new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*"([^"]*)"`, 'm').exec(firstText(paths) ?? '')?.[1];
  return value === undefined || value === '' ? undefined : value;
}

/** `docker info` ends well without a daemon; `docker version` says what is wrong. */
async function whyNoDaemon(env: Environment, said: string): Promise<string> {
  const answer = await ask('docker', ['version', '--format', '{{.Server.Version}}'], env);
  return (answer?.ok === false ? answer.text : said.slice(0, 200)) || 'it does not answer';
}

async function podman(env: Environment): Promise<InstalledEngine | undefined> {
  const said = await ask('podman', ['--version'], env);
  if (said === undefined) return undefined;
  const info = await ask('podman', ['info', '--format', 'json'], env);
  const host = member(info?.ok === true ? parsedObject(info.text) : undefined, 'host');
  const runtime = member(member(host, 'ociRuntime'), 'name');
  const profile = member(member(host, 'security'), 'seccompProfilePath');
  return {
    name: 'podman',
    version: VERSION.exec(said.text)?.[1],
    daemon: undefined,
    runtime: typeof runtime === 'string' ? runtime : undefined,
    profile: typeof profile === 'string' && profile !== '' ? profile : undefined,
  };
}

async function plain(
  name: EngineName,
  env: Environment,
  command: string = name,
  profile: () => string | undefined = () => undefined,
): Promise<InstalledEngine | undefined> {
  const said = await ask(command, ['--version'], env);
  if (said === undefined) return undefined;
  const version = VERSION.exec(said.text.replace(/^.*?\bv?(?=\d+\.\d)/s, ''))?.[1];
  return { name, version, daemon: undefined, runtime: undefined, profile: profile() };
}

function parsedObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
