import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CallgateError } from '../../error.js';
import { readProfile } from '../../profile/read.js';

/** Profiles as a mounted ConfigMap holds them at one moment. */
export interface ProfileSource {
  /** By path, e.g. `profiles/web.json`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Files that no engine could load, and why. What is installed of them stays. */
  readonly refused: ReadonlyMap<string, string>;
}

/** A ConfigMap holds 1 MiB in all. */
const MOST_FILES = 1000;
const MOST_BYTES = 4 * 1024 * 1024;
/** A swap takes the directory away in which we are reading; two in a row are rare. */
const TRIES = 5;

/**
 * Reads all `*.json` below a directory. A ConfigMap's keys have no slash: `--` stands for one in their names. The kubelet swaps the link `..data` when a ConfigMap changes; everything is read from
 * the directory that it leads to now, so that files of two versions are never mixed.
 *
 * @throws {CallgateError} HOST when the directory cannot be read, INPUT for more than a ConfigMap holds
 */
export function readProfileSource(directory: string): ProfileSource {
  for (let left = TRIES; ; left--) {
    try {
      return readOnce(directory);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (error instanceof CallgateError) throw error;
      if (code === 'ENOENT' && left > 1) continue;
      throw new CallgateError('HOST', `cannot read the profiles in ${directory}: ${code ?? message}`, {
        cause: error,
      });
    }
  }
}

function readOnce(directory: string): ProfileSource {
  const base = versionOf(directory);
  const files = new Map<string, Uint8Array>();
  const refused = new Map<string, string>();
  let bytes = 0;
  const visit = (below: string, depth: number): void => {
    for (const name of readdirSync(join(base, below)).sort()) {
      // The kubelet's own links and directories.
      if (name.startsWith('..')) continue;
      const path = below === '' ? name : `${below}/${name}`;
      const stats = statSync(join(base, path));
      if (stats.isDirectory()) {
        if (depth < DEEPEST) visit(path, depth + 1);
        continue;
      }
      if (!stats.isFile() || !name.endsWith('.json')) continue;
      bytes += stats.size;
      if (files.size >= MOST_FILES || bytes > MOST_BYTES)
        throw new CallgateError('INPUT', `${directory} holds more than a ConfigMap`, {
          expected: `at most ${MOST_FILES} profiles of ${MOST_BYTES} bytes in all`,
        });
      const content = readFileSync(join(base, path));
      const place = path.replaceAll('--', '/');
      const why = isPlain(place) ? fault(content, place) : 'its name is no path for a profile';
      if (why === undefined) files.set(place, content);
      else refused.set(place, why);
    }
  };
  visit('', 0);
  return { files, refused };
}

const DEEPEST = 8;

/** The directory behind `..data`; a directory without that link is no mounted ConfigMap, and is read as it is. */
function versionOf(directory: string): string {
  try {
    return realpathSync(join(directory, '..data'));
  } catch {
    return realpathSync(directory);
  }
}

/** Nothing hidden, and nothing that leads elsewhere. */
function isPlain(path: string): boolean {
  return path.split('/').every((part) => /^\w[\w.-]*$/.test(part));
}

/** A file that cannot be read as a profile would keep every pod from starting that names it. */
function fault(content: Uint8Array, path: string): string | undefined {
  try {
    JSON.parse(new TextDecoder().decode(content));
    readProfile(content, path);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
