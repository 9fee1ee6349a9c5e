import { release } from 'node:os';
import type { EngineName } from '../../engine/context.js';
import type { PackageSet } from '../../engine/packages.js';
import { upstreamVersion } from '../../engine/packageVersion.js';
import { usualRuntime } from '../../engine/resolveRuntime.js';
import { CallgateError } from '../../error.js';
import type { Environment } from './command.js';
import {
  type InstalledEngine,
  type InstalledRuntime,
  installedEngines,
  installedRuntimes,
} from './installed.js';

/** What this host has, as the place of everything that a context's words leave open. */
export interface Here {
  readonly packages: PackageSet;
  /** The profile that the daemon gives to containers without one of their own; absent: its built-in one. */
  readonly daemonProfile?: string;
}

/**
 * Detects engine, runtime, libseccomp and kernel of this host.
 *
 * @param engine that is meant; default: docker, else podman, containerd, cri-o, buildah, whichever is installed
 * @throws {CallgateError} HOST when no engine, or not this one, is installed
 */
export async function here(engine?: EngineName, env: Environment = process.env): Promise<Here> {
  if (process.platform !== 'linux')
    throw new CallgateError('HOST', `--here works on Linux, and this is ${process.platform}`);
  const [engines, runtimes] = await Promise.all([installedEngines(env), installedRuntimes(env)]);
  return describeHost(engines, runtimes, release(), engine);
}

/** As {@link here}, for what was found already. */
export function describeHost(
  engines: readonly InstalledEngine[],
  runtimes: readonly InstalledRuntime[],
  kernel: string,
  engine?: EngineName,
): Here {
  const withVersion = engines.filter(({ version }) => version !== undefined);
  const chosen = engine === undefined ? withVersion[0] : engines.find(({ name }) => name === engine);
  if (chosen === undefined) {
    throw new CallgateError(
      'HOST',
      `${engine ?? 'no container engine'} is ${engine === undefined ? '' : 'not '}installed here`,
      {
        hint: 'say which one is meant: --engine NAME@VERSION without --here',
      },
    );
  }
  const upstream = chosen.version === undefined ? undefined : upstreamVersion(chosen.version);
  const usual = upstream === undefined ? 'runc' : usualRuntime(chosen.name, upstream).name;
  // A daemon may call its runtimes as it likes; only the usual names say what they are.
  const configured = runtimes.find(({ name }) => name === chosen.runtime);
  const runtime = configured ?? runtimes.find(({ name }) => name === usual) ?? runtimes[0];
  return {
    packages: {
      name: 'this host',
      engine: chosen.name,
      ...(runtime === undefined ? {} : { runtime: runtime.name }),
      versions: {
        linux: kernel,
        ...Object.fromEntries(
          [...engines, ...runtimes].flatMap(({ name, version }) =>
            version === undefined ? [] : [[name, version]],
          ),
        ),
        ...(runtime?.libseccomp === undefined ? {} : { libseccomp: runtime.libseccomp.version }),
      },
      complete: true,
    },
    ...(chosen.profile === undefined || chosen.name !== 'docker' || chosen.profile === 'builtin'
      ? {}
      : { daemonProfile: chosen.profile }),
  };
}
