import { SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_SPEC_ALLOW } from './constants.js';

/**
 * The flags of seccomp(2) as its argument. TSYNC is left out: a launcher loads its filter before the command has threads.
 */
export function loadFlags(flags: readonly ('LOG' | 'SPEC_ALLOW' | 'TSYNC')[]): number {
  return (
    (flags.includes('LOG') ? SECCOMP_FILTER_FLAG_LOG : 0) |
    (flags.includes('SPEC_ALLOW') ? SECCOMP_FILTER_FLAG_SPEC_ALLOW : 0)
  );
}
