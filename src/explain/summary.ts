import { leaf } from '../policy/decision.js';
import type { Policy } from '../policy/policy.js';
import { letsRun } from '../policy/widening.js';
import type { AbiName } from '../syscalls/abi.js';
import { abis } from '../syscalls/abis.js';
import { syscallsOf } from '../syscalls/table.js';
import { answer } from './answer.js';
import type { Case } from './cases.js';
import type { Verdict } from './verdict.js';

/** One call of a policy, told. */
export interface SummaryRow {
  readonly syscall: string;
  /** As in seccomp_data.nr. */
  readonly number: number;
  readonly abi: AbiName;
  readonly verdict: Verdict;
  readonly cases?: readonly Case[];
}

export interface Counts {
  readonly allowed: number;
  /** Allowed for some arguments. */
  readonly conditional: number;
  readonly denied: number;
  readonly total: number;
}

/** What a policy says to every call that has a number on these ABIs. */
export function summarize(policy: Policy, names: readonly AbiName[]): readonly SummaryRow[] {
  return names.flatMap((abi) =>
    syscallsOf(abi).map(({ name, number }): SummaryRow => {
      const { verdict, cases } = answer(policy, { name, number, abi });
      return { syscall: name, number, abi, verdict, ...(cases === undefined ? {} : { cases }) };
    }),
  );
}

export function countVerdicts(rows: readonly SummaryRow[]): Counts {
  let [allowed, conditional] = [0, 0];
  for (const { verdict, cases } of rows) {
    if (verdict.action === 'SCMP_ACT_ALLOW' || verdict.action === 'SCMP_ACT_LOG') allowed++;
    else if (cases?.some(({ action }) => letsRun(action)) === true) conditional++;
  }
  return { allowed, conditional, denied: rows.length - allowed - conditional, total: rows.length };
}

/** ABIs that a policy has an answer of its own for, the native one first. */
export function abisOf(policy: Policy, native: AbiName): readonly AbiName[] {
  const tokens = new Set(policy.sections.map(({ auditArch }) => auditArch));
  const found = abis
    .filter(({ name, auditArch }) => name === native || tokens.has(auditArch))
    .map(({ name }) => name);
  return [native, ...found.filter((name) => name !== native)];
}

/** The policy of a process without a filter. */
export const unconfined: Policy = { sections: [], otherArch: leaf({ kind: 'allow' }).action };
