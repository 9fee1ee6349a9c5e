import { runtimeReleases } from '../../../engine/bundles.js';
import type { Context } from '../../../engine/context.js';
import { loadDefaults } from '../../../engine/defaults.js';
import { sortedReleases } from '../../../engine/releaseWord.js';
import type { MatrixRow } from '../../../explain/matrix.js';
import { verdictOf, verdictWord } from '../../../explain/verdict.js';
import { formatCall } from '../../../syscalls/callText.js';
import { libseccompReleases } from '../../../syscalls/libseccomp.js';
import { compareVersions } from '../../../versions.js';
import type { Io } from '../../io/io.js';
import { paint, verdictSign, wrap } from '../../output/paint.js';
import { tableText } from '../../output/table.js';

type Axis = 'engine' | 'runtime' | 'libseccomp' | 'kernel';

/** Neighbouring releases that say the same. */
interface Span {
  readonly first: Context;
  readonly last: Context;
  readonly row: MatrixRow;
}

/** Parts whose release was asked for; the others follow from the engine's. */
interface Chosen {
  readonly runtime: boolean;
  readonly libseccomp: boolean;
}

interface Options {
  /** One row for each release. */
  readonly expand: boolean;
  readonly chosen: Chosen;
}

/** A matrix as a table for a person: ranges of releases, and calls that share all of their ranges in one row. */
export async function matrixText(
  rows: readonly MatrixRow[],
  notes: readonly string[],
  options: Options,
  io: Io,
): Promise<string> {
  const axis = axisOf(rows);
  const neighbours = await neighboursOf(rows, axis);
  const groups = grouped(rows, axis, options.chosen, options.expand ? () => false : neighbours);
  const columns = COLUMNS.filter(
    ({ of, always }) => always || new Set(rows.map(({ context }) => of(context))).size > 1,
  );
  const fixed = COLUMNS.filter((column) => !columns.includes(column));
  const conditional = rows.some(({ cases }) => cases !== undefined);
  const head = ['call', ...columns.map(({ name }) => name), 'verdict', ...(conditional ? ['when'] : [])];
  const lines: string[][] = [];
  for (const { calls, spans } of groups) {
    for (const [index, { first, last, row }] of spans.entries()) {
      lines.push([
        index === 0 ? wrap(calls.join(' '), CALLS_WIDTH, '') : '',
        ...columns.map(({ of, range }) => (of(first) === of(last) ? of(first) : range(first, last))),
        cell(row, io),
        ...(conditional ? [whenText(row)] : []),
      ]);
    }
  }
  const [sample] = rows;
  const text = [
    ...(sample === undefined || fixed.length === 0
      ? []
      : [
          paint(io).dim(
            `all with ${fixed.map(({ of, label }) => `${label}${of(sample.context)}`).join(' · ')}`,
          ),
        ]),
    tableText(head, lines),
    ...notes.slice(0, MOST_NOTES).map((note) => `note: ${wrap(note, io.columns, '      ')}`),
    ...(notes.length > MOST_NOTES ? [`and ${notes.length - MOST_NOTES} more notes: see --format json`] : []),
  ];
  return `${text.join('\n')}\n`;
}

const CALLS_WIDTH = 40;
const WHEN_WIDTH = 60;
const MOST_NOTES = 8;

interface Column {
  readonly name: string;
  /** In front of the value, where it stands alone. */
  readonly label: string;
  readonly always: boolean;
  readonly of: (context: Context) => string;
  readonly range: (first: Context, last: Context) => string;
}

/** What goes along with a range of releases need not rise with it: a newer engine can be assumed an older libseccomp. */
function between(one: string, other: string): string {
  const falls = /^\d/.test(one) && compareVersions(one, other) > 0;
  return falls ? `${other} … ${one}` : `${one} … ${other}`;
}

const product = (key: 'engine' | 'runtime'): Omit<Column, 'always'> => ({
  name: key,
  label: '',
  of: (context) => `${context[key].name} ${context[key].version}`,
  range: (first, last) => `${first[key].name} ${between(first[key].version, last[key].version)}`,
});
const version = (name: 'libseccomp' | 'kernel' | 'arch', label: string): Column => ({
  name,
  label,
  always: false,
  of: (context) => context[name],
  range: (first, last) => between(first[name], last[name]),
});
const COLUMNS: readonly Column[] = [
  { ...product('engine'), always: true },
  { ...product('runtime'), always: false },
  version('libseccomp', 'libseccomp '),
  version('kernel', 'Linux '),
  version('arch', ''),
];

function versionOn(context: Context, axis: Axis): string {
  return axis === 'engine' || axis === 'runtime' ? context[axis].version : context[axis];
}

/** The dimension with the most releases is the one that is told in ranges. */
function axisOf(rows: readonly MatrixRow[]): Axis {
  const axes: readonly Axis[] = ['engine', 'runtime', 'libseccomp', 'kernel'];
  const size = (axis: Axis): number => new Set(rows.map(({ context }) => versionOn(context, axis))).size;
  const engines = size('engine');
  if (engines > 1) return 'engine';
  return axes.reduce((best, axis) => (size(axis) > size(best) ? axis : best));
}

type Neighbours = (a: Context, b: Context) => boolean;

/** Whether no known release stands between two. */
async function neighboursOf(rows: readonly MatrixRow[], axis: Axis): Promise<Neighbours> {
  const positions = new Map<string, Map<string, number>>();
  for (const { context } of rows) {
    const name = axis === 'engine' || axis === 'runtime' ? context[axis].name : axis;
    if (!positions.has(name)) positions.set(name, await positionsOf(context, axis));
  }
  return (a, b) => {
    const name = axis === 'engine' || axis === 'runtime' ? a[axis].name : axis;
    const known = positions.get(name);
    const [x, y] = [known?.get(versionOn(a, axis)), known?.get(versionOn(b, axis))];
    return x !== undefined && y !== undefined && y - x === 1;
  };
}

async function positionsOf(context: Context, axis: Axis): Promise<Map<string, number>> {
  const index = (versions: readonly string[]) => new Map(versions.map((word, position) => [word, position]));
  switch (axis) {
    case 'engine': {
      const { releases } = await loadDefaults(context.engine.name);
      return index(sortedReleases(releases.map((release) => release.version)));
    }
    case 'runtime':
      return index(sortedReleases(runtimeReleases(context.runtime.name).map((release) => release.version)));
    case 'libseccomp':
      return index(sortedReleases(libseccompReleases));
    case 'kernel':
      return new Map();
  }
}

interface Group {
  readonly calls: readonly string[];
  readonly spans: readonly Span[];
}

function grouped(
  rows: readonly MatrixRow[],
  axis: Axis,
  chosen: Chosen,
  neighbours: Neighbours,
): readonly Group[] {
  const byCall = new Map<string, Map<string, MatrixRow[]>>();
  for (const row of rows) {
    const call = formatCall(row.call);
    const series = byCall.get(call) ?? new Map<string, MatrixRow[]>();
    byCall.set(call, series);
    const key = seriesKey(row.context, axis, chosen);
    const list = series.get(key);
    if (list === undefined) series.set(key, [row]);
    else list.push(row);
  }
  const groups = new Map<string, { calls: string[]; spans: readonly Span[] }>();
  for (const [call, series] of byCall) {
    const spans = [...series.values()].flatMap((list) => spansOf(list, axis, neighbours));
    const key = spans.map(spanKey).join();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { calls: [call], spans });
    else group.calls.push(call);
  }
  return [...groups.values()];
}

/** What stays the same along the axis. A runtime and a library that come with an engine's release may change with it. */
function seriesKey(
  { engine, runtime, libseccomp, kernel, arch }: Context,
  axis: Axis,
  chosen: Chosen,
): string {
  return [
    engine.name,
    axis === 'engine' ? '' : engine.version,
    runtime.name,
    axis === 'runtime' || !(chosen.runtime || axis !== 'engine') ? '' : runtime.version,
    axis === 'libseccomp' || !(chosen.libseccomp || axis === 'kernel') ? '' : libseccomp,
    axis === 'kernel' ? '' : kernel,
    arch,
  ].join();
}

function spansOf(rows: readonly MatrixRow[], axis: Axis, neighbours: Neighbours): readonly Span[] {
  const spans: Span[] = [];
  const sorted = rows.toSorted((a, b) =>
    compareVersions(versionOn(a.context, axis), versionOn(b.context, axis)),
  );
  for (const row of sorted) {
    const last = spans.at(-1);
    if (last !== undefined && answerKey(last.row) === answerKey(row) && neighbours(last.last, row.context))
      spans[spans.length - 1] = { ...last, last: row.context };
    else spans.push({ first: row.context, last: row.context, row });
  }
  return spans;
}

function answerKey({ verdict, cases, loadError, unknown, call }: MatrixRow): string {
  if (loadError !== undefined) return `! ${loadError}`;
  if (unknown !== undefined) return `? ${unknown}`;
  const word = verdict === undefined ? '' : verdictWord(verdict);
  return `${word} ${(cases ?? []).map(({ when, action }) => `${when} ${verdictWord(verdictOf(action, call.abi))}`)}`;
}

function spanKey({ first, last, row }: Span): string {
  const part = ({ engine, runtime, libseccomp, kernel, arch }: Context): string =>
    [engine.name, engine.version, runtime.name, runtime.version, libseccomp, kernel, arch].join(' ');
  // Conditions name arguments, so only the same call shares them.
  return `${part(first)} ${part(last)} ${answerKey(row)}`;
}

function cell({ verdict, loadError, unknown }: MatrixRow, io: Io): string {
  const colours = paint(io);
  if (loadError !== undefined) return colours.red(`✗ does not start: ${wrap(loadError, WHEN_WIDTH, '')}`);
  if (unknown !== undefined) return colours.yellow(`? unknown: ${wrap(unknown, WHEN_WIDTH, '')}`);
  return verdict === undefined ? '– no such call' : verdictSign(verdict, colours);
}

function whenText({ cases, call }: MatrixRow): string {
  return (cases ?? [])
    .map(({ when, action }) =>
      wrap(`${verdictWord(verdictOf(action, call.abi))}: ${when.join(' or ')}`, WHEN_WIDTH, '  '),
    )
    .join('\n');
}
