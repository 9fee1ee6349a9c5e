import type { Profile } from '../profile/profile.js';
import type { PackageSet } from './packages.js';
import type { ContextTarget } from './target.js';

/** What may be said of a container, in the words of the command's flags; what is absent has its default. */
export interface ContextOptions {
  /** `docker`, `docker@20.10.9`, `containerd@1.7.13` … */
  readonly engine?: string;
  readonly runtime?: string;
  readonly libseccomp?: string;
  readonly kernel?: string;
  readonly arch?: string;
  /** `linux/arm64` */
  readonly platform?: string;
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly privileged?: boolean;
  readonly securityOpt?: readonly string[];
  /** No verdict depends on it: conditions look at the bounding set, which a user keeps. */
  readonly user?: string;
  /** Take the nearest older release for one that is not known. */
  readonly nearest?: boolean;
}

/** All that a context is made of. */
export interface ContextInput extends ContextOptions {
  /** The rest in one word, parsed; options of their own win over it. */
  readonly like?: ContextTarget;
  /** The profile in place of the engine's own; wins over `seccomp=` in `securityOpt`. */
  readonly profile?: Profile;
  /** Reads the file that `seccomp=FILE` in `securityOpt` or the daemon's setting names. */
  readonly readProfile?: (path: string) => Profile | Promise<Profile>;
  /** The daemon's `seccomp-profile`. */
  readonly daemonProfile?: string;
  /** `uname -m` and `uname -r` of the host, the defaults of arch and kernel. */
  readonly hostArch?: string;
  readonly hostKernel?: string;
  /** What stands for everything that the words above leave open: a host's packages. A `like` with a distribution brings its own. */
  readonly packages?: PackageSet;
}
