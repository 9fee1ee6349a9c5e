/** A key of a profile, and what it says. */
export interface ProfileKey {
  readonly key: string;
  readonly about: string;
}

const CONDITION: readonly ProfileKey[] = [
  { key: 'caps', about: 'capabilities that the container has' },
  { key: 'arches', about: 'architectures of the host, in Go’s words' },
  { key: 'minKernel', about: 'the oldest kernel, in two numbers' },
];

const HEAD: readonly ProfileKey[] = [
  { key: 'defaultAction', about: 'what happens to calls that no rule applies to' },
  { key: 'defaultErrnoRet', about: 'the errno of a defaultAction SCMP_ACT_ERRNO; EPERM if it is absent' },
  { key: 'architectures', about: 'architectures that the filter is for' },
  { key: 'flags', about: 'flags of seccomp(2)' },
  { key: 'listenerPath', about: 'socket of the agent that answers SCMP_ACT_NOTIFY' },
  { key: 'listenerMetadata', about: 'text that the agent is told' },
  { key: 'syscalls', about: 'the rules' },
];

/** By the key whose value holds them; the document itself is the empty key. */
const KEYS: Readonly<Record<string, readonly ProfileKey[]>> = {
  '': [
    ...HEAD,
    { key: 'archMap', about: 'for each architecture of a host, those that its filter is for too' },
    { key: 'defaultErrno', about: 'as defaultErrnoRet, by name; Podman and CRI-O only' },
  ],
  // linux.seccomp of an OCI config.json, and the spec of a SeccompProfile.
  seccomp: HEAD,
  spec: [
    ...HEAD,
    { key: 'baseProfileName', about: 'a profile whose rules are added' },
    { key: 'disabled', about: 'whether the operator leaves it out' },
  ],
  syscalls: [
    { key: 'names', about: 'system calls that the rule is for' },
    { key: 'action', about: 'what happens to them' },
    { key: 'errnoRet', about: 'the errno of SCMP_ACT_ERRNO; EPERM if it is absent' },
    { key: 'errno', about: 'as errnoRet, by name; Podman and CRI-O only' },
    { key: 'args', about: 'comparisons that must all hold' },
    { key: 'includes', about: 'the rule is for containers with all of this' },
    { key: 'excludes', about: 'the rule is not for containers with any of this' },
    { key: 'comment', about: 'for people' },
    { key: 'name', about: 'one system call; names holds several' },
  ],
  archMap: [
    { key: 'architecture', about: 'of the host' },
    { key: 'subArchitectures', about: 'that the filter is for too' },
  ],
  args: [
    { key: 'index', about: 'which argument, from 0 to 5' },
    { key: 'value', about: 'what it is compared with; the mask of SCMP_CMP_MASKED_EQ' },
    { key: 'valueTwo', about: 'what is left under the mask of SCMP_CMP_MASKED_EQ' },
    { key: 'op', about: 'how it is compared' },
  ],
  includes: CONDITION,
  excludes: CONDITION,
};

/** Keys of the object that a key holds; undefined for the document. */
export function keysIn(key: string | undefined): readonly ProfileKey[] {
  return KEYS[key ?? ''] ?? [];
}
