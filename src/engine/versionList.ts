import { CallgateError } from '../error.js';
import { libseccompReleases } from '../syscalls/libseccomp.js';
import { compareVersions } from '../versions.js';
import { runtimeReleases } from './bundles.js';
import { loadDefaults } from './defaults.js';
import { sortedReleases } from './releaseWord.js';
import { parseContextTarget } from './target.js';

const EXPECTED = 'NAME, NAME@VERSION, NAME@FROM..TO, NAME@28.* or NAME@*, with commas between them';

/**
 * Engines as lists and ranges: each `NAME@FROM..TO` becomes every known release in it, oldest first.
 *
 * @throws CallgateError `USAGE` for a word that is no engine, `UNKNOWN` for a range without a release in it
 * @example await engineWords('docker@20.10.0..20.10.2,podman') // ['docker@20.10.0', 'docker@20.10.1', 'docker@20.10.2', 'podman']
 */
export async function engineWords(text: string): Promise<readonly string[]> {
  const words: string[] = [];
  for (const part of split(text)) {
    const { name, range } = named(part);
    if (range === undefined) {
      words.push(part);
      continue;
    }
    const engine = parseContextTarget(name).engine?.name;
    if (engine === undefined) throw notNamed(name, 'an engine');
    const known = (await loadDefaults(engine)).releases.map(({ version }) => version);
    words.push(...within(range, known, engine).map((version) => `${engine}@${version}`));
  }
  return unique(words);
}

/** As {@link engineWords}, for runtimes. */
export function runtimeWords(text: string): readonly string[] {
  const words = split(text).flatMap((part): readonly string[] => {
    const { name, range } = named(part);
    if (range === undefined) return [part];
    const runtime = parseContextTarget(name).runtime?.name;
    if (runtime === undefined) throw notNamed(name, 'a runtime');
    const known = runtimeReleases(runtime).map(({ version }) => version);
    return within(range, known, runtime).map((version) => `${runtime}@${version}`);
  });
  return unique(words);
}

/** As {@link engineWords}, for releases of libseccomp, which need no name. */
export function libseccompWords(text: string): readonly string[] {
  const words = split(text).flatMap((part) => {
    const range = rangeOf(part);
    return range === undefined ? [part] : within(range, libseccompReleases, 'libseccomp');
  });
  return unique(words);
}

/** A list of words that has no ranges. */
export function plainWords(text: string): readonly string[] {
  return unique(split(text));
}

const unique = (words: readonly string[]): readonly string[] => [...new Set(words)];

function split(text: string): readonly string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.includes('')) {
    throw new CallgateError('USAGE', `"${text}" has an empty part`, { expected: EXPECTED });
  }
  return parts;
}

interface Range {
  readonly from: string;
  readonly to: string;
}

function named(part: string): { readonly name: string; readonly range?: Range } {
  const at = part.indexOf('@');
  if (at < 0) return { name: part };
  const range = rangeOf(part.slice(at + 1));
  return { name: part.slice(0, at), ...(range === undefined ? {} : { range }) };
}

const BOUND = /^(v?\d[\w.~-]*)?$/;

function rangeOf(word: string): Range | undefined {
  if (word === '*') return { from: '', to: '' };
  const all = /^(v?\d+(?:\.\d+)*)\.\*$/.exec(word)?.[1];
  if (all !== undefined) return rangeOf(`${all}..${all}`);
  const dots = word.indexOf('..');
  if (dots < 0) return undefined;
  const [from, to] = [word.slice(0, dots), word.slice(dots + 2)];
  for (const bound of [from, to]) {
    if (BOUND.test(bound) && !bound.includes('..')) continue;
    throw new CallgateError('USAGE', `"${bound}" is not a version`, { expected: EXPECTED });
  }
  return { from: from.replace(/^v/, ''), to: to.replace(/^v/, '') };
}

/** A bound such as 20.10 takes in all of its releases, on either side. */
function within({ from, to }: Range, known: readonly string[], name: string): readonly string[] {
  const found = sortedReleases(known).filter(
    (version) =>
      (from === '' || compareVersions(version, from) >= 0) &&
      (to === '' || compareVersions(version, to) <= 0 || version.startsWith(`${to}.`)),
  );
  if (found.length > 0) return found;
  const sorted = sortedReleases(known);
  throw new CallgateError('UNKNOWN', `no release of ${name} is in ${from}..${to}`, {
    expected: `releases from ${sorted[0]} to ${sorted.at(-1)}`,
  });
}

function notNamed(name: string, what: string): CallgateError {
  return new CallgateError('USAGE', `"${name}" is not ${what}`, { expected: EXPECTED });
}
