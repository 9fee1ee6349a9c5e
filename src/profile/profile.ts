import type { Position } from '../error.js';
import type { OciArg } from './argument.js';

/**
 * A seccomp profile as a person wrote it, whatever its dialect. Values are as Go's encoding/json would read them;
 * words are kept unchecked, because what an engine or runtime says of a bad word depends on its version.
 */
export interface Profile {
  readonly dialect: Dialect;
  /** A file's name, or the name of a built-in default such as `docker@28.5.2`. */
  readonly source: string;
  /** Empty when absent. */
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  /** containers-common's name form, e.g. `ENOSYS`; wins over the number there. */
  readonly defaultErrno?: string;
  readonly architectures: readonly string[];
  readonly archMap: readonly ArchMapEntry[];
  /** Absent and empty mean different things to runc. */
  readonly flags?: readonly string[];
  readonly listenerPath?: string;
  readonly listenerMetadata?: string;
  readonly rules: readonly ProfileRule[];
  /** What was read but means nothing, or something else than it seems. */
  readonly notes: readonly Note[];
  /** Where a value stands, e.g. `['syscalls', 3, 'names', 0]`; undefined for built-in defaults and absent values. */
  readonly locate: (path: readonly (string | number)[]) => Position | undefined;
}

/** `docker`: moby's and containers-common's layout; `oci`: linux.seccomp; `spo`: the Security Profiles Operator's SeccompProfile. */
export type Dialect = 'docker' | 'oci' | 'spo';

/** Docker's way to name an architecture with those that it runs as well. */
export interface ArchMapEntry {
  readonly architecture: string;
  readonly subArchitectures: readonly string[];
}

/** One entry of a profile's `syscalls`. */
export interface ProfileRule {
  /** The old single-name form (the only one before Docker 1.13). */
  readonly name?: string;
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  /** containers-common's name form. */
  readonly errno?: string;
  readonly args: readonly OciArg[];
  readonly includes: Condition;
  readonly excludes: Condition;
  readonly comment?: string;
}

/** When a rule counts (`includes`) or does not (`excludes`). */
export interface Condition {
  readonly caps: readonly string[];
  readonly arches: readonly string[];
  /** As written, e.g. `4.8`. */
  readonly minKernel?: string;
}

/** Something that a person should know and that changes no verdict. */
export interface Note {
  /** Stable word for tools: `comment`, `unknown-field`, `duplicate-key`, `key-case`, … */
  readonly kind: string;
  readonly text: string;
  readonly at?: Position;
}
