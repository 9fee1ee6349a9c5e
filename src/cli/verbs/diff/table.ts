import type { CallChange, Change, Extent, NumberChange, PolicyDiff } from '../../../explain/diff.js';
import { type Verdict, verdictOf, verdictWord } from '../../../explain/verdict.js';
import type { AbiName } from '../../../syscalls/abi.js';
import { formatCall } from '../../../syscalls/callText.js';
import { signatureOf } from '../../../syscalls/signature.js';
import type { Io } from '../../io/io.js';
import { paint, wrap } from '../../output/paint.js';
import { tableText } from '../../output/table.js';

interface Row {
  readonly calls: readonly string[];
  readonly abis: readonly string[];
  readonly change: Change;
  readonly detail: string;
}

/** A difference as a table for a person: equal changes of several ABIs, and of several calls, in one row. */
export function diffTable(diff: PolicyDiff, native: AbiName, io: Io): string {
  const colours = paint(io);
  const lines: string[][] = [];
  const rows = mergeCalls([...mergeAbis(diff.changes), ...diff.unnamed.map(numberRow)]);
  for (const { calls, abis, change, detail } of rows) {
    const sign =
      change.widened !== undefined
        ? colours.red('wider')
        : change.narrowed !== undefined
          ? colours.green('narrower')
          : 'other';
    const both = change.widened !== undefined && change.narrowed !== undefined ? 'wider and narrower' : sign;
    lines.push([
      wrap(calls.join(' '), CALLS_WIDTH, ''),
      wrap(abis.join(' '), ABIS_WIDTH, ''),
      verdictWord(change.from.verdict),
      verdictWord(change.to.verdict),
      detail === '' ? both : wrap(detail, DETAIL_WIDTH, ''),
    ]);
  }
  const other = diff.otherArchitectures;
  if (other !== undefined) {
    const word = (action: typeof other.from): string => verdictWord(verdictOf(action, native));
    lines.push(['every call', 'other architectures', word(other.from), word(other.to), '']);
  }
  return tableText(['call', 'on', 'A', 'B', 'what'], lines);
}

const CALLS_WIDTH = 40;
const ABIS_WIDTH = 24;
const DETAIL_WIDTH = 56;

const key = (change: Change): string =>
  [
    verdictKey(change.from.verdict),
    verdictKey(change.to.verdict),
    extentKey(change.widened),
    extentKey(change.narrowed),
  ].join();
const verdictKey = (verdict: Verdict): string =>
  `${verdict.action} ${verdict.errnoNumber ?? ''} ${verdict.data ?? ''}`;
const extentKey = (extent: Extent | undefined): string =>
  extent === undefined ? '' : `${extent.arguments} ${extent.count}`;

/** One row a call: the ABIs on which it changes alike. */
function mergeAbis(changes: readonly CallChange[]): readonly Row[] {
  const rows = new Map<string, { change: CallChange; abis: AbiName[] }>();
  for (const change of changes) {
    const id = `${change.syscall} ${key(change)}`;
    const row = rows.get(id);
    if (row === undefined) rows.set(id, { change, abis: [change.abi] });
    else row.abis.push(change.abi);
  }
  return [...rows.values()].map(({ change, abis }) => ({
    calls: [change.syscall],
    abis,
    change,
    detail: callDetail(change),
  }));
}

/** Calls that change alike without a look at arguments share a row. */
function mergeCalls(rows: readonly Row[]): readonly Row[] {
  const merged = new Map<string, Row>();
  for (const row of rows) {
    const id =
      row.detail === '' ? `${row.abis} ${key(row.change)}` : `${row.calls} ${row.abis} ${row.detail}`;
    const before = merged.get(id);
    merged.set(id, before === undefined ? row : { ...before, calls: [...before.calls, ...row.calls] });
  }
  return [...merged.values()];
}

function numberRow(change: NumberChange): Row {
  const { first, last, abi, auditArch } = change;
  const numbers = first === last ? `${first}` : `${first}…${last}`;
  return { calls: [numbers], abis: [abi ?? `0x${auditArch.toString(16)}`], change, detail: '' };
}

/** How many values, and one of them; empty where arguments do not matter. */
function callDetail({ syscall, number, abi, widened, narrowed, example }: CallChange): string {
  if (example.args.every((value) => value === undefined)) return '';
  const name = (index: number): string => signatureOf(syscall, abi)?.args[index]?.name ?? `arg${index}`;
  const extents = [
    ['wider', widened],
    ['narrower', narrowed],
  ] as const;
  const counted = extents.flatMap(([word, extent]) =>
    extent === undefined
      ? []
      : [
          `${word} for ${countWords(extent.count)} of ${countWords(extent.of)} values of ${extent.arguments.map(name).join(', ')}`,
        ],
  );
  const call = formatCall({ name: syscall, number, abi, args: example.args }, abi);
  const [from, to] = [example.left, example.right].map((action) => verdictWord(verdictOf(action, abi)));
  return [...counted, `${call}: ${from} → ${to}`].join('; ');
}

/** `2⁶⁴ − 1` is easier read than its twenty digits. */
export function countWords(count: bigint): string {
  if (count < 1_000_000n) return count.toString();
  const bits = BigInt(count.toString(2).length);
  for (const [power, near] of [bits - 1n, bits].map(
    (exponent) => [exponent, count - (1n << exponent)] as const,
  )) {
    if (near === 0n) return `2^${power}`;
    if (near > -1_000_000n && near < 1_000_000n)
      return `2^${power} ${near < 0n ? '−' : '+'} ${near < 0n ? -near : near}`;
  }
  return `about 2^${(bits - 1n).toString()}`;
}
