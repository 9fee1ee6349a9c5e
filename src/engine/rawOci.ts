import { ociHead, ociRule } from '../profile/oci.js';
import type { Profile } from '../profile/profile.js';
import type { OciSeccomp } from './oci.js';

/** A bundle's linux.seccomp as a runtime reads it: nothing is resolved, and what is not of the OCI spec is not there. */
export function rawOci(profile: Profile): OciSeccomp {
  return {
    ...ociHead(profile),
    syscalls: profile.rules.map((rule, index) => {
      const at = profile.locate(['syscalls', index]);
      return { ...ociRule(rule), origin: { rule: index, ...(at === undefined ? {} : { at }) } };
    }),
  };
}
