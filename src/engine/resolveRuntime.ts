import { CallgateError } from '../error.js';
import type { Note } from '../profile/profile.js';
import { libseccompReleases } from '../syscalls/libseccomp.js';
import { compareVersions } from '../versions.js';
import { bundledNear, bundledWith, libseccompOf, runtimeReleases } from './bundles.js';
import type { Context, EngineName, RuntimeName } from './context.js';
import { chooseRelease, newestRelease } from './releaseWord.js';
import type { Versioned } from './versioned.js';

/** Which runtime an engine starts when nobody says; podman's and buildah's is the host's. */
export function usualRuntime(
  engine: EngineName,
  version: string,
): { readonly name: RuntimeName; readonly why: string } {
  switch (engine) {
    case 'docker':
    case 'containerd':
      return { name: 'runc', why: `${engine} starts runc` };
    case 'podman':
    case 'buildah':
      // containers/common pkg/config: crun on cgroup v2 hosts, runc on others.
      return { name: 'crun', why: `${engine} starts crun on hosts with cgroup v2` };
    case 'cri-o': {
      // cri-o pkg/config/config_linux.go: DefaultRuntime.
      const name = compareVersions(version, CRIO_CRUN) >= 0 ? 'crun' : 'runc';
      return { name, why: `cri-o ${version} starts ${name}` };
    }
  }
}

const CRIO_CRUN = '1.31.0';

export interface RuntimeChoice {
  readonly runtime: Context['runtime'];
  readonly libseccomp: string;
  readonly notes: readonly Note[];
}

/**
 * The runtime and its libseccomp: what is asked for, else what the engine's release was built with, else an
 * assumption that a note tells.
 *
 * @throws CallgateError `UNKNOWN` for releases that the data does not hold
 */
export function resolveRuntime(
  engine: Context['engine'],
  asked: Versioned<RuntimeName> | undefined,
  libseccomp: string | undefined,
  nearest: boolean,
): RuntimeChoice {
  const notes: Note[] = [];
  const bundle = bundledWith(engine.name, engine.version);
  const usual = usualRuntime(engine.name, engine.version);
  const name = asked?.name ?? usual.name;
  const known = runtimeReleases(name).map(({ version }) => version);
  const bundled = name === 'runc' || name === 'crun' ? bundle[name] : undefined;

  if (name === 'runsc') return gvisor(asked?.version, libseccomp);

  let version: string;
  if (asked?.version !== undefined) {
    const chosen = chooseRelease({ name, known, word: asked.version, nearest });
    version = chosen.version;
    notes.push(...chosen.notes);
  } else if (bundled !== undefined && known.includes(bundled)) {
    version = bundled;
    if (name === 'runc' && bundle.runcBuild !== undefined) {
      notes.push(
        assumption(
          `${engine.name} ${engine.version} was built with the runc commit ${bundle.runcBuild}; ${version} stands for it`,
        ),
      );
    }
  } else {
    const near = name === 'runc' ? bundledNear(engine.name, engine.version) : undefined;
    version = near?.runc ?? newest(name, known);
    const why = asked === undefined ? `${usual.why}; ` : '';
    const which = near === undefined ? 'the newest one' : `that of ${engine.name} ${near.version}`;
    notes.push(assumption(`${why}which release of ${name} is not known: ${version}, ${which}, is assumed`));
  }

  if (libseccomp !== undefined) {
    const chosen = chooseRelease({
      name: 'libseccomp',
      known: libseccompReleases,
      word: libseccomp,
      nearest,
    });
    return { runtime: { name, version }, libseccomp: chosen.version, notes: [...notes, ...chosen.notes] };
  }
  const linked = libseccompOf(name, version);
  if (linked !== undefined && libseccompReleases.includes(linked)) {
    return { runtime: { name, version }, libseccomp: linked, notes };
  }
  const assumed = newest('libseccomp', libseccompReleases);
  notes.push(
    assumption(
      `which libseccomp ${name} ${version} uses is not known: ${assumed}, the newest one, is assumed`,
    ),
  );
  return { runtime: { name, version }, libseccomp: assumed, notes };
}

/** gVisor does not use libseccomp, and no list of its releases is known. */
function gvisor(version = 'unknown', libseccomp = newest('libseccomp', libseccompReleases)): RuntimeChoice {
  return { runtime: { name: 'runsc', version }, libseccomp, notes: [] };
}

function assumption(text: string): Note {
  return { kind: 'assumption', text };
}

function newest(name: string, known: readonly string[]): string {
  const version = newestRelease(known);
  if (version === undefined) throw new CallgateError('UNKNOWN', `no release of ${name} is known`);
  return version;
}
