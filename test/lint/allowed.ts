/** Findings in Docker's own default profiles that are right and were yet meant so, with the reason. */
export const ALLOWED: readonly { readonly finding: RegExp; readonly why: string }[] = [
  {
    finding: /^narrow-comparison: socket reads 32 bits of family/,
    why: 'A list of refused families cannot be said otherwise in libseccomp’s terms. Registers with upper bits set do pass, which seccomp(2) warns of; the kernel’s wrappers and every C library set them to zero.',
  },
  {
    finding: /^missing-sibling: socketcall runs with any arguments/,
    why: 'Docker 29.4.2 refused socketcall and 29.4.3 allowed it again, because 32-bit programs use it for every socket; a filter cannot see the family behind its pointer.',
  },
  {
    finding: /^shadowed-rule: this rule for (recv|send) has no effect/,
    why: 'Docker 29.4.2 answers socketcall with ENOSYS. recv and send exist on x86 through socketcall only.',
  },
  {
    finding: /^name-not-on-architecture: sync_file_range2 exists on none of arm, aarch64/,
    why: 'The arm kernel’s own name for the call is arm_sync_file_range, under which libseccomp has it, and which the profile names beside it.',
  },
  {
    finding: /^dangerous-allow: socket is allowed with arguments that docker@\S+ refuses/,
    why: 'AF_VSOCK and AF_ALG were refused in later releases.',
  },
  {
    finding: /^dangerous-allow: io_uring_(setup|enter|register) is allowed/,
    why: 'Docker dropped io_uring in 25.0.0.',
  },
  {
    finding: /^dangerous-allow: clone is allowed with arguments that docker@\S+ refuses/,
    why: 'The mask of namespace flags lacked CLONE_NEWCGROUP in early releases.',
  },
  {
    finding: /^dangerous-allow: syslog is allowed/,
    why: 'Early releases left syslog to the kernel’s own check of CAP_SYSLOG.',
  },
  {
    finding: /^eperm-blocks-fallback: clone3 gets EPERM/,
    why: 'Answered with ENOSYS since Docker 20.10.10.',
  },
  {
    finding: /^eperm-blocks-fallback: (fchmodat2|faccessat2|statx) gets EPERM/,
    why: 'The call is younger than the profile, and the runtime of the release has no ENOSYS stub, or one that ends above it. Later releases allow the call.',
  },
  {
    finding:
      /^missing-sibling: the profile allows \w+ and denies (\w+_time64|clock_gettime64|timer(fd)?_[gs]ettime64):/,
    why: 'The *_time64 calls came with Linux 5.1 and into the default with Docker 19.03.9.',
  },
  {
    finding:
      /^missing-sibling: the profile allows \w+ and denies (setxattrat|getxattrat|listxattrat|removexattrat|epoll_pwait2|fchmodat2|faccessat2|openat2|statx):/,
    why: 'The call is younger than the profile; later releases allow it.',
  },
  {
    finding: /^name-newer-than-libseccomp: /,
    why: 'Docker names calls for the newest runtime; the bundled one drops them, and its ENOSYS stub answers.',
  },
];
