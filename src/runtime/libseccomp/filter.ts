import type { Action } from '../../policy/action.js';
import { fromReturnValue, RET, toReturnValue } from '../../policy/action.js';
import type { AbiName } from '../../syscalls/abi.js';
import { type Abi, abi, abis } from '../../syscalls/abis.js';
import { isKnownName } from '../../syscalls/table.js';
import { compareVersions } from '../../versions.js';
import type { Comparison } from './chain.js';
import { type AddOutcome, addRule, type Database } from './database.js';
import { MOST_WORK, type Work } from './node.js';
import { extendSimple, type SimpleRules } from './oldReleases.js';
import { releaseHas, upstream } from './releases.js';
import { placementOf } from './resolve.js';

/** libseccomp's error codes, by name. */
export type LibseccompError = 'EACCES' | 'EDOM' | 'EEXIST' | 'EINVAL' | 'EFAULT';

/** A filter as libseccomp collects it between seccomp_init and seccomp_export_bpf. */
export interface Filter {
  readonly libseccomp: string;
  readonly native: AbiName;
  /** Return value of the default action. */
  readonly defaultAction: number;
  /** SCMP_FLTATR_CTL_OPTIMIZE. */
  optimize: 1 | 2;
  readonly parts: FilterPart[];
  readonly work: Work;
}

/** One ABI's rules, in the order of seccomp_arch_add; the native ABI is always there and first. */
export interface FilterPart {
  readonly abi: Abi;
  readonly database: Database;
  /** Conditional rules by number, kept for old releases only. */
  readonly simple: Map<number, SimpleRules>;
}

/** The largest errno of an ERRNO action plus one (MAX_ERRNO of src/system.h). */
const MAX_ERRNO = 4095;

/** sys_chk_seccomp_action, on a kernel that has every action. */
function isValidAction(action: number, libseccomp: string): boolean {
  const meaning = fromReturnValue(action);
  switch (meaning.kind) {
    case 'errno':
      return meaning.errno < MAX_ERRNO;
    case 'log':
    case 'kill_process':
      return releaseHas(libseccomp, 'log-and-kill-process');
    case 'notify':
      return releaseHas(libseccomp, 'notify');
    case 'allow':
    case 'kill_thread':
    case 'trace':
    case 'trap':
      return true;
  }
}

/** seccomp_init: undefined when the library refuses the action. */
export function createFilter(libseccomp: string, native: AbiName, defaultAction: Action): Filter | undefined {
  const action = toReturnValue(defaultAction);
  if (!isValidAction(action, libseccomp)) return undefined;
  return {
    libseccomp,
    native,
    defaultAction: action,
    optimize: 1,
    parts: [{ abi: abi(native), database: new Map(), simple: new Map() }],
    work: { left: MOST_WORK },
  };
}

/** Whether a release can have rules for an ABI at all. */
export function knowsAbi(libseccomp: string, name: AbiName): boolean {
  const row = abis.find((candidate) => candidate.name === name);
  return row !== undefined && compareVersions(upstream(libseccomp), row.libseccompSince) >= 0;
}

/** seccomp_arch_add. */
export function addAbi(filter: Filter, name: AbiName): LibseccompError | undefined {
  if (!knowsAbi(filter.libseccomp, name)) return 'EINVAL';
  if (filter.parts.some((part) => part.abi.name === name)) return 'EEXIST';
  const added = abi(name);
  if (filter.parts[0]?.abi.endian !== added.endian) return 'EDOM';
  filter.parts.push({ abi: added, database: new Map(), simple: new Map() });
  return undefined;
}

export interface FilterRule {
  readonly name: string;
  readonly action: Action;
  readonly comparisons: readonly Comparison[];
}

/** What a rule came to on one number of one ABI. */
export interface AddedRule {
  readonly abi: AbiName;
  /** Negative for a call that the ABI lacks. */
  readonly number: number;
  /** Set when the rule went to socketcall or ipc. */
  readonly call?: number;
  readonly outcome: AddOutcome;
}

export type AddResult =
  | { readonly kind: 'unknown-name' }
  /** How this release combines the rules on this call has not been established. */
  | { readonly kind: 'unmodelled' }
  | { readonly kind: 'error'; readonly error: LibseccompError; readonly abi?: AbiName }
  | { readonly kind: 'added'; readonly places: readonly AddedRule[] };

/** seccomp_syscall_resolve_name and seccomp_rule_add_array: the rule goes to every ABI that has the call. */
export function addFilterRule(filter: Filter, rule: FilterRule): AddResult {
  const { libseccomp } = filter;
  if (!isKnownName(rule.name, libseccomp)) return { kind: 'unknown-name' };
  const action = toReturnValue(rule.action);
  if (!isValidAction(action, libseccomp)) return { kind: 'error', error: 'EINVAL' };
  if (action === filter.defaultAction) return { kind: 'error', error: 'EACCES' };
  if (new Set(rule.comparisons.map((one) => one.argument)).size !== rule.comparisons.length)
    return { kind: 'error', error: 'EINVAL' };
  const comparisons = [...rule.comparisons].sort((a, b) => a.argument - b.argument);
  const fixed = releaseHas(libseccomp, 'false-branch-fixed');
  const modelled = releaseHas(libseccomp, 'comparisons-modelled');
  const places: AddedRule[] = [];
  let failed: AbiName | undefined;
  for (const part of filter.parts) {
    for (const place of placementOf(rule.name, part.abi.name, libseccomp)) {
      const { number, call } = place;
      const placed = call === undefined ? comparisons : withCall(comparisons, call);
      if (!modelled && !isUnderstood(part, number, placed, action)) return { kind: 'unmodelled' };
      const added = { number, action, comparisons: placed };
      const outcome = addRule(part.database, added, part.abi.bits, fixed, filter.work);
      places.push({ abi: part.abi.name, number, outcome, ...(call === undefined ? {} : { call }) });
      if (outcome === 'conflict') {
        failed ??= part.abi.name;
        break;
      }
    }
  }
  return failed === undefined ? { kind: 'added', places } : { kind: 'error', error: 'EEXIST', abi: failed };
}

function isUnderstood(
  { database, simple }: FilterPart,
  number: number,
  comparisons: readonly Comparison[],
  action: number,
): boolean {
  const earlier = simple.get(number);
  // The first unconditional rule ends it in every release.
  if (earlier === undefined && (database.has(number) || comparisons.length === 0)) return true;
  if (comparisons.length === 0) return earlier?.action === action;
  const next = extendSimple(earlier, comparisons, action);
  if (next === undefined) return false;
  simple.set(number, next);
  return true;
}

/** The multiplexing call's number takes the place of the rule's own comparison of argument 0. */
function withCall(comparisons: readonly Comparison[], call: number): readonly Comparison[] {
  const rest = comparisons.filter((one) => one.argument !== 0);
  return [{ argument: 0, op: 'eq', mask: 0xffffffffffffffffn, datum: BigInt(call) }, ...rest];
}

/** Calls from an ABI that the filter lacks, whatever the default action is (db_col_reset). */
export const BAD_ARCH = fromReturnValue(RET.kill_thread);
