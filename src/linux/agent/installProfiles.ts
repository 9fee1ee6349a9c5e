import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf, placeFile, sameBytes } from './placeFile.js';
import type { ProfileSource } from './profileSource.js';

/** What installing once came to. */
export interface Installation {
  /** Profiles of the source that are in place, byte for byte. */
  readonly inPlace: readonly string[];
  readonly changes: readonly ProfileChange[];
  /** Profiles that are not in place, and why. */
  readonly failed: ReadonlyMap<string, string>;
}

export interface ProfileChange {
  readonly kind: 'installed' | 'removed';
  readonly path: string;
}

export interface InstallOptions {
  /** The kubelet's seccomp directory. */
  readonly target: string;
  /** Whose files these are: `.NAME.list` beside them names them, as the DaemonSet of `k8s distribute` does. */
  readonly name: string;
  /** Replace files of the same name that something else put there. */
  readonly overwrite: boolean;
}

/**
 * Makes the files below the kubelet's directory those of the source. A list of our own files is written before any of them
 * is, so that whoever comes after a kill knows them from those of others, which stay as they are.
 */
export function installProfiles(
  { files, refused }: ProfileSource,
  { target, name, overwrite }: InstallOptions,
): Installation {
  const part = (path: string): string => `${path}.${name}.part`;
  const list = join(target, `.${name}.list`);
  const failed = new Map(refused);
  const changes: ProfileChange[] = [];
  const listed = readList(list);
  sweep(target, name);

  const mine = [...files].filter(([path, content]) => {
    try {
      const there = contentOf(join(target, path));
      if (overwrite || listed.has(path) || there === undefined || sameBytes(there, content)) return true;
      failed.set(path, 'another file of that name is there and is left as it is');
    } catch (error) {
      failed.set(path, (error as Error).message);
    }
    return false;
  });
  // What can no longer be read as a profile stays ours, and as it was.
  const kept = [...listed].filter((path) => refused.has(path));
  const wanted = new Set([...mine.map(([path]) => path), ...kept]);
  const gone = [...listed].filter((path) => !wanted.has(path));
  const write = (paths: Iterable<string>): void => {
    const text = [...new Set(paths)]
      .sort()
      .map((path) => `${path}\n`)
      .join('');
    const content = new TextEncoder().encode(text);
    if (!sameBytes(contentOf(list) ?? new Uint8Array(), content)) placeFile(list, part(list), content);
  };

  write([...listed, ...wanted]);
  const inPlace: string[] = [];
  for (const [path, content] of mine) {
    const place = join(target, path);
    try {
      if (!sameBytes(contentOf(place), content)) {
        placeFile(place, part(place), content);
        if (!sameBytes(contentOf(place), content)) throw new Error('it did not keep what was written');
        changes.push({ kind: 'installed', path });
      }
      inPlace.push(path);
    } catch (error) {
      failed.set(path, (error as Error).message);
    }
  }
  for (const path of gone) {
    if (!existsSync(join(target, path))) continue;
    rmSync(join(target, path));
    changes.push({ kind: 'removed', path });
  }
  write(wanted);
  return { inPlace, changes, failed };
}

function readList(list: string): ReadonlySet<string> {
  const text = contentOf(list);
  const paths = text === undefined ? [] : new TextDecoder().decode(text).split('\n');
  // Nothing outside of the directory is ever ours.
  return new Set(
    paths.filter((path) => path !== '' && !path.startsWith('/') && !path.split('/').includes('..')),
  );
}

/** Parts that a killed run has left. */
function sweep(target: string, name: string): void {
  for (const entry of readdirSync(target, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && entry.name.endsWith(`.${name}.part`)) rmSync(join(entry.parentPath, entry.name));
}
