import json from '../../data/runtime-needs.json' with { type: 'json' };
import type { Context } from '../engine/context.js';
import { syscallNumber } from '../syscalls/table.js';
import { compareVersions } from '../versions.js';

/** What a runtime calls after it has loaded the filter, up to the execve of the container's program. */
export interface RuntimeNeeds {
  /** Without one of these nothing starts; the text says what fails. */
  readonly needs: ReadonlyMap<string, string>;
  /** Made too, in some runs or to no harm when refused. */
  readonly makes: readonly string[];
  /** Of these, what may be answered with ENOSYS. */
  readonly fallback: readonly string[];
  /** The release that this was measured with. */
  readonly version: string;
  readonly source: string;
}

/** What a program's C library calls before main(). */
export interface Startup {
  /** `glibc-dynamic`, `glibc-static`, `musl-dynamic`, `musl-static`. */
  readonly id: string;
  readonly title: string;
  readonly needs: readonly string[];
  readonly makes: readonly string[];
  readonly source: string;
}

interface Row {
  readonly runtime: string;
  readonly version: string;
  readonly noNewPrivileges: boolean;
  /** Takes the needs of another release, but for `not`, and adds its own. */
  readonly like?: string;
  readonly not?: readonly string[];
  readonly needs?: Readonly<Record<string, string>>;
  readonly fallback?: readonly string[];
  readonly makes?: readonly string[];
  readonly source: string;
}

const rows = json.runtimes as unknown as readonly Row[];

export const startups: readonly Startup[] = json.startups;

/**
 * What the runtime of a context needs to be allowed, as the newest release was measured that is not newer. For a release
 * older than all that were measured: what all of these need. Undefined where nobody has measured the runtime (youki).
 *
 * @example runtimeNeeds({ name: 'crun', version: '1.8.1' }, true)?.needs.has('execve') // true
 */
export function runtimeNeeds(
  runtime: Context['runtime'],
  noNewPrivileges: boolean,
): RuntimeNeeds | undefined {
  const measured = rows
    .filter((row) => row.runtime === runtime.name && row.noNewPrivileges === noNewPrivileges)
    .sort((a, b) => compareVersions(a.version, b.version))
    .map((row, _, own) => complete(row, own));
  const last = measured.filter(({ version }) => compareVersions(version, runtime.version) <= 0).at(-1);
  const [oldest] = measured;
  if (last !== undefined || oldest === undefined) return last;
  const common = [...oldest.needs].filter(([name]) => measured.every(({ needs }) => needs.has(name)));
  return { ...oldest, needs: new Map(common) };
}

function complete(row: Row, own: readonly Row[]): RuntimeNeeds {
  const base = own.find(({ version }) => version === row.like);
  const needs = new Map(Object.entries({ ...base?.needs, ...row.needs }));
  for (const name of row.not ?? []) needs.delete(name);
  return {
    needs,
    fallback: row.fallback ?? base?.fallback ?? [],
    makes: row.makes ?? base?.makes ?? [],
    version: row.version,
    source: row.source,
  };
}

/** What any measured runtime calls under its own filter. */
export const callsUnderFilter: ReadonlySet<string> = new Set(
  rows.flatMap(({ needs, makes }) => [...Object.keys(needs ?? {}), ...(makes ?? [])]),
);

/** The calls of a list that an architecture has: they were measured on x86_64. */
export function onArchitecture(names: readonly string[], { arch }: Pick<Context, 'arch'>): readonly string[] {
  return names.filter((name) => syscallNumber(name, arch) !== undefined);
}
