import type { Profile } from '../profile/profile.js';
import type { AbiName } from '../syscalls/abi.js';

/** Container engines whose releases are known. */
export type EngineName = 'docker' | 'podman' | 'buildah' | 'containerd' | 'cri-o';
/** OCI runtimes by name. */
export type RuntimeName = 'runc' | 'crun' | 'youki' | 'runsc';

/** Everything besides the call itself that decides a verdict. Every version is one that the data knows. */
export interface Context {
  readonly engine: { readonly name: EngineName; readonly version: string };
  readonly runtime: { readonly name: RuntimeName; readonly version: string };
  /** Upstream release whose tables and behaviour apply, e.g. `2.5.4`. */
  readonly libseccomp: string;
  /** Kernel release, e.g. `6.18`. */
  readonly kernel: string;
  /** ABI of the container's processes and of the runtime (the filter's native one). */
  readonly arch: AbiName;
  /** Bounding set, full names (`CAP_CHOWN`), in the kernel's order. */
  readonly capabilities: readonly string[];
  readonly privileged: boolean;
  readonly seccomp: SeccompChoice;
}

/** What `--security-opt seccomp=…`, `--profile` and the daemon's setting come to. */
export type SeccompChoice =
  | { readonly kind: 'default' }
  | { readonly kind: 'unconfined' }
  | { readonly kind: 'profile'; readonly profile: Profile }
  /** A bundle's linux.seccomp: it goes to the runtime as it stands, past the engine. */
  | { readonly kind: 'oci'; readonly profile: Profile }
  /** A filter as it is, of a file or a running process; no engine and no runtime had a part in it. `name`: `pid:1234`. */
  | { readonly kind: 'filter'; readonly name: string };
