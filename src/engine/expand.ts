import type { Profile } from '../profile/profile.js';
import type { Context } from './context.js';
import { type EngineDefaults, loadDefaults } from './defaults.js';
import { expandContainerdDefault, expandContainerdFile } from './expandContainerd.js';
import { expandContainersCommon } from './expandContainersCommon.js';
import { expandDocker } from './expandDocker.js';
import type { Expansion } from './expansion.js';
import { rawOci } from './rawOci.js';

/**
 * The OCI seccomp that the context's engine hands to its runtime: its built-in default or the chosen profile, with
 * every condition resolved.
 *
 * @throws CallgateError `UNKNOWN` for a release that the data does not hold
 */
export async function expand(context: Context): Promise<Expansion> {
  return expandWith(context, await loadDefaults(context.engine.name));
}

/** As {@link expand}, where the engine's data is loaded already. */
export function expandWith(context: Context, defaults: EngineDefaults): Expansion {
  const { seccomp, engine } = context;
  if (seccomp.kind === 'unconfined') return { kind: 'unconfined', reason: 'no profile is applied' };
  if (seccomp.kind === 'oci') {
    return { kind: 'seccomp', oci: rawOci(seccomp.profile), dropped: [], notes: [] };
  }
  if (seccomp.kind === 'filter') throw new TypeError(`${seccomp.name} has no profile`);
  if (seccomp.kind === 'profile') return expandProfile(seccomp.profile, context, false);
  if (context.privileged)
    return { kind: 'unconfined', reason: 'a privileged container has no default profile' };
  const profile = defaults.profile(engine.version);
  if (profile === undefined) {
    return { kind: 'unconfined', reason: `${engine.name} ${engine.version} has no default profile` };
  }
  return expandProfile(profile, context, true);
}

/** As {@link expand}, for one profile. `builtin`: it is the release's own default. */
export function expandProfile(profile: Profile, context: Context, builtin: boolean): Expansion {
  switch (context.engine.name) {
    case 'docker':
      return expandDocker(profile, context, builtin);
    case 'podman':
    case 'buildah':
    case 'cri-o':
      return expandContainersCommon(profile, context.engine.name, context, builtin);
    case 'containerd':
      return builtin ? expandContainerdDefault(profile, context) : expandContainerdFile(profile, context);
  }
}
