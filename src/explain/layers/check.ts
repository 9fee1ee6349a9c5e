import json from '../../../data/layers/checks.json' with { type: 'json' };
import { compareVersions } from '../../versions.js';

/** Who says no beside seccomp. A sysctl and the LSM that reads it (Yama) count as `sysctl`. */
export type CheckLayer = 'capability' | 'sysctl' | 'user-namespace' | 'apparmor' | 'devices';

/** What AppArmor templates of engines deny. */
export type ApparmorRule = 'mount' | 'pivot_root' | 'alg' | 'ptrace-others' | 'proc-sys';

/** A register that must have a value for a check to be made; masks and values by name where constants have one. */
export interface ArgumentCondition {
  readonly arg: string;
  /** Looked at are these bits only. */
  readonly mask?: number;
  readonly any?: readonly (string | number)[];
  readonly none?: readonly (string | number)[];
  readonly is?: readonly (string | number)[];
  readonly not?: readonly (string | number)[];
}

export interface SysctlCondition {
  readonly name: string;
  readonly is?: string;
  readonly atLeast?: number;
}

/**
 * One question that the kernel asks about a call, in its place among the others. It denies when its conditions hold
 * and the caller has none of the capabilities; without `capability` nothing lifts it.
 */
export interface Check {
  readonly layer: CheckLayer;
  readonly capability?: readonly string[];
  /** Whose user namespace must have granted the capability: the host's, the caller's, or that of what the call is done to. */
  readonly namespace?: 'initial' | 'own' | 'target';
  readonly args?: readonly ArgumentCondition[];
  readonly sysctl?: SysctlCondition;
  /** Hardly ever set: told only where the setting's value is. */
  readonly whenKnown?: boolean;
  readonly apparmor?: ApparmorRule;
  /** A circumstance that registers do not show. */
  readonly fact?: string;
  /** Empty where it depends on more than this. */
  readonly errno: string;
  readonly source: string;
}

interface Row extends Check {
  readonly calls: readonly string[];
  /** Kernel releases, `until` exclusive. */
  readonly since?: string;
  readonly until?: string;
}

const byCall = new Map<string, Row[]>();
for (const row of json.checks as readonly Row[]) {
  for (const call of row.calls) byCall.set(call, [...(byCall.get(call) ?? []), row]);
}

/** What a kernel release asks about a call beside seccomp, in its order. Nothing: no check is recorded, not that there is none. */
export function checksOf(call: string | undefined, kernel: string): readonly Check[] {
  const rows = call === undefined ? [] : (byCall.get(call) ?? []);
  return rows.filter(
    ({ since = '0', until }) =>
      compareVersions(kernel, since) >= 0 && (until === undefined || compareVersions(kernel, until) < 0),
  );
}

const free: ReadonlySet<string> = new Set(json.free.flatMap(({ calls }) => calls));

/** Whether it is established what the kernel asks about a call, if anything. */
export function isRecorded(call: string | undefined): boolean {
  return call !== undefined && (byCall.has(call) || free.has(call));
}

/** Every row, for tests of the data. */
export const allChecks: readonly Row[] = json.checks as readonly Row[];
