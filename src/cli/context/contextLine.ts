import type { Context } from '../../engine/context.js';
import { loadDefaults } from '../../engine/defaults.js';

/** A context in one line: `docker 20.10.9 · runc 1.0.2 · libseccomp 2.5.1 · Linux 6.18 · x86_64 · default capabilities`. */
export async function contextLine(context: Context): Promise<string> {
  const { engine, runtime, libseccomp, kernel, arch, seccomp } = context;
  if (seccomp.kind === 'filter') return [seccomp.name, `Linux ${kernel}`, arch].join(' · ');
  return [
    `${engine.name} ${engine.version}`,
    `${runtime.name} ${runtime.version}`,
    `libseccomp ${libseccomp}`,
    `Linux ${kernel}`,
    arch,
    await capabilityWords(context),
    seccompWords(context),
  ].join(' · ');
}

/** A context's versions by name, for a list. */
export async function contextRows(context: Context): Promise<readonly (readonly [string, string])[]> {
  const { engine, runtime, libseccomp, kernel, arch, seccomp } = context;
  const place = [
    ['Kernel', `Linux ${kernel}`],
    ['Architecture', arch],
  ] as const;
  if (seccomp.kind === 'filter') return [['Filter', seccomp.name], ...place];
  return [
    ['Engine', `${engine.name} ${engine.version}`],
    ['Runtime', `${runtime.name} ${runtime.version}`],
    ['libseccomp', libseccomp],
    ...place,
    ['Capabilities', await capabilityWords(context)],
    ['Profile', seccompWords(context)],
  ];
}

/** A container's capabilities beside its engine's default ones. */
export async function capabilityWords({ engine, capabilities }: Context): Promise<string> {
  const own = new Set((await loadDefaults(engine.name)).defaultCapabilities(engine.version));
  const has = new Set(capabilities);
  const short = (name: string): string => name.replace(/^CAP_/, '');
  const added = capabilities.filter((name) => !own.has(name)).map((name) => `+${short(name)}`);
  const lost = [...own].filter((name) => !has.has(name)).map((name) => `-${short(name)}`);
  if (added.length + lost.length === 0) return 'default capabilities';
  if (capabilities.length === 0) return 'no capabilities';
  if (added.length + lost.length > 6) return `${capabilities.length} capabilities`;
  return `default capabilities ${[...added, ...lost].join(' ')}`;
}

function seccompWords({ seccomp }: Context): string {
  switch (seccomp.kind) {
    case 'filter':
      return seccomp.name;
    case 'default':
      return 'default profile';
    case 'unconfined':
      return 'unconfined';
    case 'profile':
    case 'oci':
      return `profile ${seccomp.profile.source}`;
  }
}
