/** What is known of the host and the container beyond the context; what is absent is not known, and said as a condition. */
export interface LayerFacts {
  /** `other`: a process of another user than root has no capability in effect. Default: root. */
  readonly user?: 'root' | 'other';
  /** Whether the container shares the host's user namespace, or has its own (rootless, userns-remap, hostUsers: false). */
  readonly userNamespace?: 'initial' | 'own';
  /** Whether AppArmor is enabled on the host. */
  readonly apparmor?: boolean;
  /** `--security-opt apparmor=`: `unconfined` or a profile's name. */
  readonly apparmorProfile?: string;
  /** Values by name; undefined as a value: the kernel has no such setting. */
  readonly sysctls?: ReadonlyMap<string, string | undefined>;
  /** The path that the call names. */
  readonly path?: string;
}
