import { list, type StructShape, string, struct, uint, uint64, uintPointer } from './shape.js';

const argument = struct('argument', { index: uint, value: uint64, valueTwo: uint64, op: string });

const condition = struct(
  'condition',
  // minKernel is a struct with its own UnmarshalJSON in moby (since 20.10); the word is kept and judged by the engine.
  { caps: list(string), arches: list(string), minKernel: string },
  { pointer: true },
);

const dockerRule = struct(
  'rule',
  {
    name: string,
    names: list(string),
    action: string,
    errnoRet: uintPointer,
    errno: { shape: string, onlyFor: 'Podman and CRI-O (containers/common 0.47)' },
    args: list(argument),
    comment: string,
    includes: condition,
    excludes: condition,
  },
  { pointer: true },
);

const archMapEntry = struct('archMap entry', { architecture: string, subArchitectures: list(string) });

/**
 * moby/profiles seccomp.Seccomp, with the two fields that containers/common adds.
 * Rules are pointers there that are used unchecked, so that a null among them ends no better than with a failed start.
 */
export const DOCKER: StructShape = struct('profile', {
  defaultAction: string,
  defaultErrnoRet: uintPointer,
  defaultErrno: { shape: string, onlyFor: 'Podman and CRI-O (containers/common 0.47)' },
  architectures: list(string),
  archMap: list(archMapEntry),
  flags: list(string),
  listenerPath: string,
  listenerMetadata: string,
  syscalls: list(dockerRule, 'refused'),
});

const ociFields = {
  defaultAction: string,
  defaultErrnoRet: uintPointer,
  architectures: list(string),
  flags: list(string),
  listenerPath: string,
  listenerMetadata: string,
  syscalls: list(
    struct('rule', { names: list(string), action: string, errnoRet: uintPointer, args: list(argument) }),
  ),
};

/** LinuxSeccomp of the OCI runtime spec (specs-go/config.go). */
export const OCI: StructShape = struct('linux.seccomp', ociFields, { pointer: true });

/** As much as is needed of a bundle's config.json. */
export const OCI_CONFIG: StructShape = struct(
  'config',
  { linux: struct('linux', { seccomp: OCI }, { pointer: true, partial: true }) },
  { partial: true },
);

const exactKeys = { exactKeys: true } as const;

const spoRule = struct(
  'rule',
  {
    names: list(string),
    action: string,
    // A string in the custom resource's schema; people write numbers.
    errnoRet: { kind: 'uint', exact: false, pointer: true, orString: true },
    args: list(
      struct('argument', { index: uint, value: uint64, valueTwo: uint64, op: string }, exactKeys),
      'refused',
    ),
  },
  exactKeys,
);

/**
 * SeccompProfileSpec of the Security Profiles Operator (api/seccompprofile/v1beta1). Kubernetes takes keys only as
 * they are written there.
 */
export const SPO: StructShape = struct(
  'spec',
  {
    ...ociFields,
    syscalls: list(spoRule, 'refused'),
    baseProfileName: string,
    disabled: { kind: 'boolean' },
  },
  exactKeys,
);
