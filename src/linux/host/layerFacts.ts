import { readFileSync } from 'node:fs';
import { allChecks } from '../../explain/layers/check.js';
import type { LayerFacts } from '../../explain/layers/facts.js';

/**
 * What this host says to the layers behind the filter: whether AppArmor is on, and the settings that checks look at.
 * Settings of a network namespace are the container's own, so the host's values say nothing.
 */
export function hostLayerFacts(): LayerFacts {
  const names = new Set(allChecks.flatMap(({ sysctl }) => (sysctl === undefined ? [] : [sysctl.name])));
  const values = [...names]
    .filter((name) => !name.startsWith('net.'))
    .map((name) => [name, read(`/proc/sys/${name.replaceAll('.', '/')}`)] as const);
  return {
    apparmor: read('/sys/module/apparmor/parameters/enabled') === 'Y',
    sysctls: new Map(values),
  };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
