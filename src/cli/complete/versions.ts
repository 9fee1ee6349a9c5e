import type { EngineName } from '../../engine/context.js';
import { compareVersions } from '../../versions.js';

const newestFirst = (versions: readonly string[]): readonly string[] =>
  [...new Set(versions)].sort((a, b) => compareVersions(b, a));

/** `docker` and `docker@` until a name is complete; then that name with its releases, newest first. */
async function withReleases<Name extends string>(
  names: readonly Name[],
  word: string,
  releases: (name: Name) => Promise<readonly string[]> | readonly string[],
): Promise<readonly string[]> {
  const at = word.indexOf('@');
  if (at < 0) return names.flatMap((name) => [name, `${name}@`]);
  const name = names.find((one) => one === word.slice(0, at));
  if (name === undefined) return [];
  return newestFirst(await releases(name)).map((version) => `${name}@${version}`);
}

async function engineReleases(name: EngineName): Promise<readonly string[]> {
  const { loadDefaults } = await import('../../engine/defaults.js');
  return (await loadDefaults(name)).releases.map(({ version }) => version);
}

export async function engineWords(word: string): Promise<readonly string[]> {
  const { engineNames } = await import('../../engine/target.js');
  return withReleases(engineNames, word, engineReleases);
}

export async function runtimeWords(word: string): Promise<readonly string[]> {
  const [{ runtimeNames }, { runtimeReleases }] = await Promise.all([
    import('../../engine/target.js'),
    import('../../engine/bundles.js'),
  ]);
  return withReleases(runtimeNames, word, (name) => runtimeReleases(name).map(({ version }) => version));
}

export async function libseccomps(): Promise<readonly string[]> {
  return newestFirst((await import('../../syscalls/libseccomp.js')).libseccompReleases);
}

/** The kernels of distributions, and the newest. */
export async function kernels(): Promise<readonly string[]> {
  const [{ newestKernel, kernelNumbers }, { distros }] = await Promise.all([
    import('../../engine/kernelRelease.js'),
    import('../../engine/bundles.js'),
  ]);
  const theirs = distros.flatMap(({ kernel }) => kernelNumbers(kernel ?? '') ?? []);
  return newestFirst([newestKernel, ...theirs]);
}

export async function kubernetesReleases(): Promise<readonly string[]> {
  const { kubernetesFacts } = await import('../../kubernetes/facts.js');
  const [major, minor = 0] = kubernetesFacts.newest.split('.').map(Number);
  return Array.from({ length: 12 }, (_, back) => `${major}.${minor - back}`);
}

/**
 * Parts of a context's word.
 *
 * @param first whether it is the first part, which mostly names an engine
 */
export async function targetWords(word: string, first: boolean): Promise<readonly string[]> {
  const { distroTargets } = await import('../../engine/distro.js');
  if (word.startsWith('libseccomp@')) return (await libseccomps()).map((version) => `libseccomp@${version}`);
  if (word.startsWith('linux@')) return (await kernels()).map((version) => `linux@${version}`);
  const [engines, runtimes] = [await engineWords(word), await runtimeWords(word)];
  if (word.includes('@')) return [...engines, ...runtimes, ...distroTargets];
  if (first) return [...engines, ...distroTargets, ...runtimes, 'unconfined'];
  const { abis } = await import('../../syscalls/abis.js');
  return [...runtimes, 'libseccomp@', 'linux@', 'privileged', ...abis.map(({ name }) => name)];
}
