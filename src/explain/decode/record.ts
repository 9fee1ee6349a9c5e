import type { ScmpAction } from '../../policy/words.js';
import type { AbiName } from '../../syscalls/abi.js';
import type { NamedSet } from './capabilityText.js';

/** What one line, or one block of lines, of a log says. */
export type Decoded = SeccompRecord | CapabilitiesRecord;

/** What a line was written by. */
export type RecordFormat =
  /** printk: `audit: type=1326 audit(…)`. */
  | 'kernel'
  /** journald's own: `audit[PID]: SECCOMP …`. */
  | 'journal'
  /** auditd's raw log: `type=SECCOMP msg=audit(…)`. */
  | 'auditd'
  /** auditd with `log_format = ENRICHED`: names behind a group separator. */
  | 'enriched'
  /** `ausearch --interpret`. */
  | 'interpreted'
  /** Android's tombstones. */
  | 'android'
  /** Chromium's crash message. */
  | 'chromium'
  | 'strace'
  /** AUDIT_ANOM_ABEND: ended by SIGSYS, the call is not told. */
  | 'abend'
  | 'other';

/** A call that met a filter's action. */
export interface SeccompRecord {
  readonly kind: 'seccomp';
  readonly format: RecordFormat;
  /** ISO 8601 in UTC, or as the line has it where the zone is not told. */
  readonly time?: string;
  readonly serial?: number;
  /** Absent for an architecture that libseccomp does not know, and where the line does not tell. */
  readonly abi?: AbiName;
  /** The architecture's name where it has no ABI here: `alpha`, `sparc64`. */
  readonly arch?: string;
  /** AUDIT_ARCH_*, unsigned. */
  readonly auditArch?: number;
  /** As in seccomp_data.nr. */
  readonly number?: number;
  readonly syscall?: string;
  /** As strace or the record prints the call. */
  readonly text?: string;
  readonly action?: ScmpAction;
  /** The filter's return value as it was logged: the action without its data, so an errno is not in it. */
  readonly code?: number;
  /** What the program saw, where the line tells (strace). */
  readonly errno?: string;
  readonly signal?: number;
  /** As the kernel outside of the container counts. */
  readonly pid?: number;
  readonly uid?: string;
  readonly auid?: string;
  readonly comm?: string;
  /** Path as the container sees it. */
  readonly exe?: string;
  /** LSM label. */
  readonly subject?: string;
  readonly instructionPointer?: string;
  /** What the line does not say and was taken for granted. */
  readonly assumed?: string;
  /** What this means, in one line. */
  readonly meaning: string;
}

/** Masks of capabilities, as /proc/PID/status, getpcaps or docker inspect show them. */
export interface CapabilitiesRecord {
  readonly kind: 'capabilities';
  readonly format: 'mask' | 'capsh' | 'status';
  readonly process?: { readonly name?: string; readonly pid?: number };
  readonly sets: readonly NamedSet[];
  readonly noNewPrivileges?: boolean;
  /** `Seccomp:` of /proc/PID/status. */
  readonly seccomp?: 'disabled' | 'strict' | 'filter';
  readonly filters?: number;
  readonly uid?: string;
  readonly gid?: string;
  readonly securebits?: string;
  readonly meaning: string;
}
