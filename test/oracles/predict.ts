import { release } from 'node:os';
import { loadDefaults } from '../../src/engine/defaults.js';
import { expand } from '../../src/engine/expand.js';
import type { OciSeccomp } from '../../src/engine/oci.js';
import type { Policy } from '../../src/policy/policy.js';
import { applyRuntime } from '../../src/runtime/apply.js';
import type { ContainerRuntime } from './containers.js';
import { installedLibseccomp, installedRuntime } from './installed.js';

/** What Docker's release hands to the runtime here by default, for a container with these capabilities. */
export async function dockerDefault(version: string, capabilities: readonly string[]): Promise<OciSeccomp> {
  const expansion = await expand({
    engine: { name: 'docker', version },
    runtime: { name: 'runc', version: '1.1.5' },
    libseccomp: '2.5.4',
    kernel: /^\d+\.\d+/.exec(release())?.[0] ?? '',
    arch: 'x86_64',
    capabilities,
    privileged: false,
    seccomp: { kind: 'default' },
  });
  if (expansion.kind !== 'seccomp') throw new Error(`docker ${version}: ${JSON.stringify(expansion)}`);
  return expansion.oci;
}

/** The filter that the installed runtime makes of it with the installed library, or why it would not start. */
export function predict(runtime: ContainerRuntime, oci: OciSeccomp): Policy | { readonly loadError: string } {
  const result = applyRuntime(oci, {
    runtime: installedRuntime(runtime),
    libseccomp: installedLibseccomp(),
    nativeAbi: 'x86_64',
  });
  switch (result.kind) {
    case 'policy':
      return result.policy;
    case 'loadError':
      return { loadError: result.message };
    case 'unconfined':
    case 'unknown':
      throw new Error(`no prediction: ${result.kind}`);
  }
}

/** The newest release of each distinct default profile of Docker that the JSON data tells apart. */
export async function distinctDockerVersions(): Promise<readonly string[]> {
  const docker = await loadDefaults('docker');
  const byContent = new Map<string, string>();
  for (const { version } of docker.releases) {
    const rules = docker.profile(version)?.rules;
    const content = JSON.stringify(rules, (_, item: unknown) =>
      typeof item === 'bigint' ? String(item) : item,
    );
    byContent.set(content, version);
  }
  return [...byContent.values()];
}
