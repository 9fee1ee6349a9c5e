import type { WidenedCall, Widening } from './widened.js';

/** What a change opens, in one sentence. */
export function wideningText(widening: Widening): string {
  const lines = wideningLines(widening);
  return lines.length === 0 ? 'widens nothing (proved)' : `widens exactly (proved): ${lines.join('; ')}`;
}

/** What a change opens, in lines: calls that are opened alike on several ABIs share one. */
export function wideningLines({ calls, numbers, otherArchitectures }: Widening): readonly string[] {
  const byCall = new Map<string, Row>();
  for (const call of calls) {
    const condition = conditionOf(call);
    const key = `${call.syscall}${condition}`;
    const row = byCall.get(key) ?? { syscalls: [call.syscall], condition, abis: [] };
    byCall.set(key, { ...row, abis: [...row.abis, call.abi] });
  }
  const rows: Row[] = [];
  for (const row of byCall.values()) {
    // Only calls that are open without a condition can share a line.
    const index = rows.findIndex(
      (other) => row.condition === '' && other.condition === '' && other.abis.join() === row.abis.join(),
    );
    const same = rows[index];
    if (same === undefined) rows.push(row);
    else rows[index] = { ...same, syscalls: [...same.syscalls, ...row.syscalls] };
  }
  const lines = rows.map(
    ({ syscalls, condition, abis }) => `${syscalls.join(' ')}${condition} on ${abis.join(', ')}`,
  );
  if (numbers.length > 0) lines.push('numbers that are no call callgate knows');
  if (otherArchitectures) lines.push('every call of every other architecture');
  return lines;
}

interface Row {
  readonly syscalls: readonly string[];
  /** Empty: none. */
  readonly condition: string;
  readonly abis: readonly string[];
}

function conditionOf({ when }: WidenedCall): string {
  if (when === undefined) return '';
  // Of a decision with hundreds of ways through it not every one is followed.
  return when.length === 0 ? ' with some arguments' : ` when ${when.join(' or ')}`;
}
