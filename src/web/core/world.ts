import { runtimeReleases } from '../../engine/bundles.js';
import type { EngineName } from '../../engine/context.js';
import { loadDefaults } from '../../engine/defaults.js';
import { newestKernel } from '../../engine/kernelRelease.js';
import type { AbiName } from '../../syscalls/abi.js';
import { abis } from '../../syscalls/abis.js';
import { capabilities } from '../../syscalls/capabilities.js';
import { purposeOf } from '../../syscalls/purpose.js';
import { kernelSince, libseccompReleases, syscallsOf } from '../../syscalls/table.js';
import { compareVersions } from '../../versions.js';

/** What there is to choose from. */
export interface World {
  readonly engines: readonly EngineName[];
  /** Newest first. */
  readonly runtimes: Readonly<Record<'runc' | 'crun' | 'youki', readonly string[]>>;
  readonly libseccomp: readonly string[];
  /** Releases that added a call, newest first. */
  readonly kernels: readonly string[];
  readonly arches: readonly AbiName[];
  readonly capabilities: readonly CapabilityView[];
}

export interface CapabilityView {
  readonly name: string;
  readonly purpose: string;
}

export interface ReleaseView {
  readonly version: string;
  /** ISO 8601 day. */
  readonly date: string;
}

/** A call of an ABI's table. */
export interface CallView {
  readonly name: string;
  readonly number: number;
  readonly category: string;
  readonly purpose: string;
}

export function worldOf(): World {
  const newestFirst = (versions: readonly string[]): readonly string[] =>
    [...versions].sort((a, b) => compareVersions(b, a));
  const releases = (name: 'runc' | 'crun' | 'youki') =>
    newestFirst(runtimeReleases(name).map(({ version }) => version));
  const kernels = syscallsOf('x86_64').flatMap(({ name }) => kernelSince(name, 'x86_64')?.version ?? []);
  return {
    engines: ['docker', 'containerd', 'podman', 'cri-o', 'buildah'],
    runtimes: { runc: releases('runc'), crun: releases('crun'), youki: releases('youki') },
    libseccomp: newestFirst(libseccompReleases),
    kernels: newestFirst(
      [...new Set([newestKernel, ...kernels])].filter((version) => compareVersions(version, '3.5') >= 0),
    ),
    arches: abis.map(({ name }) => name),
    capabilities: capabilities.map(({ name, purpose }) => ({ name, purpose })),
  };
}

/** An engine's releases in version order. */
export async function releasesOf(engine: EngineName): Promise<readonly ReleaseView[]> {
  const { releases } = await loadDefaults(engine);
  return releases
    .map(({ version, date }) => ({ version, date }))
    .sort((a, b) => compareVersions(a.version, b.version));
}

export function tableOf(arch: AbiName): readonly CallView[] {
  return syscallsOf(arch).map(({ name, number }) => {
    const found = purposeOf(name);
    return { name, number, category: found?.category ?? 'other', purpose: found?.purpose ?? '' };
  });
}
