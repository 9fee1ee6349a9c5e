import type { Profile } from '../profile/profile.js';
import type { OciSeccomp } from './oci.js';

/** A bundle's linux.seccomp as a runtime reads it: nothing is resolved, and what is not of the OCI spec is not there. */
export function rawOci(profile: Profile): OciSeccomp {
  const { defaultAction, defaultErrnoRet, architectures, flags, listenerPath, listenerMetadata } = profile;
  return {
    defaultAction,
    ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    architectures,
    ...(flags === undefined ? {} : { flags }),
    ...(listenerPath === undefined ? {} : { listenerPath }),
    ...(listenerMetadata === undefined ? {} : { listenerMetadata }),
    syscalls: profile.rules.map(({ names, action, errnoRet, args }, rule) => {
      const at = profile.locate(['syscalls', rule]);
      return {
        names,
        action,
        ...(errnoRet === undefined ? {} : { errnoRet }),
        args,
        origin: { rule, ...(at === undefined ? {} : { at }) },
      };
    }),
  };
}
