import { CallgateError } from '../error.js';
import type { Note } from '../profile/profile.js';
import { bundledWith } from './bundles.js';
import type { EngineName, RuntimeName } from './context.js';
import { kernelNumbers } from './kernelRelease.js';
import { backportOf } from './packageBackports.js';
import { libseccompOfPackage, upstreamVersion } from './packageVersion.js';
import { usualRuntime } from './resolveRuntime.js';
import type { Versioned } from './versioned.js';

/** Something that may be packaged, or be found on a host. */
export type PackageName = EngineName | RuntimeName | 'libseccomp' | 'linux';

/** What a distribution's release packages, or what a host has. */
export interface PackageSet {
  /** `Debian 12`, `this host`. */
  readonly name: string;
  /** As the distribution writes them: `1.1.5+ds1-1+deb12u1`. */
  readonly versions: Readonly<Partial<Record<PackageName, string>>>;
  /** What starts containers there when nobody says; absent: docker, and what it usually starts. */
  readonly engine?: EngineName;
  readonly runtime?: RuntimeName;
  /** True for a host: what was not found is not there, and a usual value is assumed with a note. */
  readonly complete: boolean;
  readonly source?: string;
}

/** The words of a context that a set of packages can fill. */
export interface PackageWords {
  readonly engine: Versioned<EngineName> | undefined;
  readonly runtime: Versioned<RuntimeName> | undefined;
  readonly libseccomp: string | undefined;
  readonly kernel: string | undefined;
}

export interface FilledWords extends PackageWords {
  readonly notes: readonly Note[];
}

/**
 * Fills in what the words leave open. An engine whose release is named brings its own runtime, as docker.com's packages
 * do; libseccomp and the kernel are the distribution's all the same.
 *
 * @throws CallgateError `UNKNOWN` when a distribution's part is not known
 */
export function fillFromPackages(words: PackageWords, packages: PackageSet): FilledWords {
  const notes: Note[] = [];
  const used: string[] = [];
  /** The upstream release; `flag` is how the user can say it. */
  const take = (
    name: PackageName,
    flag: string,
    map: (packaged: string) => string | undefined,
  ): string | undefined => {
    const packaged = packages.versions[name];
    const version = packaged === undefined ? undefined : map(packaged);
    if (version === undefined) {
      if (!packages.complete) throw unknownPart(name, flag, packages);
      notes.push({ kind: 'assumption', text: `${packages.name}: no version of ${name} was found` });
      return undefined;
    }
    used.push(`${name} ${packaged}`);
    const backport = packaged === undefined ? undefined : backportOf(name, packaged);
    if (backport === undefined) return version;
    const text = `${name} ${packaged} behaves as ${backport.as}: ${backport.change} (${backport.source})`;
    notes.push({ kind: 'backport', text });
    return backport.as;
  };
  const engineName = words.engine?.name ?? packages.engine ?? 'docker';
  const foreign = words.engine?.version;
  const engineVersion = foreign ?? take(engineName, `--engine ${engineName}@VERSION`, upstreamVersion);
  const engine = versioned(engineName, engineVersion);
  const runtime = (): Versioned<RuntimeName> | undefined => {
    if (words.runtime?.version !== undefined) return words.runtime;
    const name =
      words.runtime?.name ??
      (foreign === undefined ? packages.runtime : undefined) ??
      (engineVersion === undefined ? 'runc' : usualRuntime(engineName, engineVersion).name);
    // On a host it is the installed one that runs.
    const brought = foreign === undefined || packages.complete ? undefined : bundledWith(engineName, foreign);
    if (brought !== undefined && (name === 'runc' || name === 'crun') && brought[name] !== undefined)
      return words.runtime;
    return versioned(name, take(name, `--runtime ${name}@VERSION`, upstreamVersion));
  };
  const filled = {
    engine,
    runtime: runtime(),
    libseccomp: words.libseccomp ?? take('libseccomp', '--libseccomp VERSION', libseccompOfPackage),
    kernel: words.kernel ?? kernelOf(packages, used, notes),
  };
  const source = packages.source === undefined ? '' : ` (${packages.source})`;
  if (used.length > 0)
    notes.unshift({ kind: 'packages', text: `${packages.name}: ${used.join(', ')}${source}` });
  return { ...filled, notes };
}

/** Few verdicts depend on the kernel, so that one that is not known is no error. */
function kernelOf(packages: PackageSet, used: string[], notes: Note[]): string | undefined {
  const { linux } = packages.versions;
  const kernel = linux === undefined ? undefined : kernelNumbers(linux);
  if (kernel === undefined)
    notes.push({ kind: 'assumption', text: `the kernel of ${packages.name} is not known` });
  else used.push(`linux ${linux}`);
  return kernel;
}

function versioned<Name extends string>(name: Name, version: string | undefined): Versioned<Name> {
  return version === undefined ? { name } : { name, version };
}

function unknownPart(name: PackageName, flag: string, packages: PackageSet): CallgateError {
  return new CallgateError('UNKNOWN', `which ${name} ${packages.name} packages is not known`, {
    hint: `say it with ${flag}, or in the target with +${name}@VERSION`,
  });
}
