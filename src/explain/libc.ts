import data from '../../data/libc-reactions.json' with { type: 'json' };

/** What a C library or language runtime does when a call is answered with this errno. */
export interface Reaction {
  readonly program: string;
  /** First release that makes the call; absent: not established. */
  readonly since?: string;
  readonly usedFor: string;
  /** Whether the program goes on as if nothing had happened. */
  readonly copes: boolean;
  readonly text: string;
  readonly source: string;
}

interface Row {
  readonly program: string;
  readonly since?: string;
  readonly calls: readonly string[];
  readonly usedFor: string;
  readonly onENOSYS: { readonly copes: boolean; readonly text: string };
  readonly onEPERM: { readonly copes: boolean; readonly text: string };
  readonly bits?: number;
  readonly source: string;
}

const rows: readonly Row[] = data.reactions;

/**
 * Known reactions to a denied call.
 *
 * @example
 * reactionsTo('clone3', 'EPERM', 64)[0]?.copes // false
 */
export function reactionsTo(syscall: string, errno: 'ENOSYS' | 'EPERM', bits: 32 | 64): readonly Reaction[] {
  return rows
    .filter((row) => row.calls.includes(syscall) && (row.bits === undefined || row.bits === bits))
    .map(({ program, since, usedFor, source, ...row }) => {
      const { copes, text } = errno === 'ENOSYS' ? row.onENOSYS : row.onEPERM;
      return { program, ...(since === undefined ? {} : { since }), usedFor, copes, text, source };
    });
}

/** Calls whose denial with ENOSYS makes a C library or runtime take another way, where EPERM makes it fail. */
export function callsThatFallBack(): readonly string[] {
  const copes = rows.filter(({ onENOSYS, onEPERM }) => onENOSYS.copes && !onEPERM.copes);
  return [...new Set(copes.flatMap(({ calls }) => calls))].sort();
}
