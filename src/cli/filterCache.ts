import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { check } from '../bpf/check.js';
import { decode, encode } from '../bpf/encode.js';
import type { Program } from '../bpf/instruction.js';
import type { Io } from './io/io.js';
import { cacheDirectory, isOurDirectory, isOurs, makeOwnDirectory } from './ownDirectory.js';
import type { RunFlags } from './runFlags.js';
import { version } from './version.js';

/** All that starting a command under a target's filter takes, and what the words mean that ask for it. */
export interface StartPlan {
  readonly flags: RunFlags;
  readonly filter: Program;
  readonly filterFlags: readonly ('LOG' | 'SPEC_ALLOW' | 'TSYNC')[];
  readonly capabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly notes: readonly { readonly kind: string; readonly text: string }[];
}

interface Stored extends Omit<StartPlan, 'filter'> {
  /** struct sock_filter[], base64. */
  readonly filter: string;
  /** The files that the plan was made from, with their SHA-256. */
  readonly files: readonly (readonly [path: string, hash: string])[];
}

export interface FilterCache {
  /** The plan as it was made for the same words, files and version of callgate; undefined when there is none. */
  readonly get: () => StartPlan | undefined;
  /** An Io that remembers which files the plan is made from. */
  readonly remembering: () => Io;
  readonly put: (plan: StartPlan) => void;
}

const MOST_BYTES = 1 << 20;

/**
 * Plans of earlier runs, under $XDG_CACHE_HOME or ~/.cache. A filter that somebody else could have put there would be a
 * way out of it: directory and file must be ours and closed to others, and the file's name and first line say what was
 * asked and what it holds. Anything amiss is a plan that is not there, and is made again.
 *
 * @param words everything that the plan depends on besides files
 */
export function filterCache(words: unknown, io: Io): FilterCache {
  const directory = cacheDirectory(io.env);
  const key = sha256(JSON.stringify([version, buildStamp(), words]));
  const files = new Map<string, string>();
  return {
    get: () => (directory === undefined ? undefined : read(directory, key, io)),
    remembering: () => ({
      ...io,
      read: (path) => {
        const bytes = io.read(path);
        files.set(path, sha256(bytes));
        return bytes;
      },
    }),
    put: (plan) => {
      if (directory === undefined || files.has('-')) return;
      write(directory, key, {
        ...plan,
        filter: Buffer.from(encode(plan.filter, 'little')).toString('base64'),
        files: [...files],
      });
    },
  };
}

/** In the built package the command lies beside or above this module, which is part of more than one of its files. */
const COMMAND = ['./callgate.js', '../callgate.js'];

/** Changes whenever callgate is installed anew. */
function buildStamp(): readonly number[] {
  const command = COMMAND.map((place) => new URL(place, import.meta.url)).find(existsSync);
  const { mtimeMs, size, ino } = statSync(command ?? new URL(import.meta.url));
  return [mtimeMs, size, ino];
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function read(directory: string, key: string, io: Io): StartPlan | undefined {
  try {
    if (!isOurDirectory(directory)) return undefined;
    const fd = openSync(
      join(directory, key),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    let text: string;
    try {
      const found = fstatSync(fd);
      if (!found.isFile() || !isOurs(found) || found.size > MOST_BYTES) return undefined;
      text = readFileSync(fd, 'utf8');
    } finally {
      closeSync(fd);
    }
    const end = text.indexOf('\n');
    const body = text.slice(end + 1);
    if (text.slice(0, end) !== signature(key, body)) return undefined;
    const { filter, files, ...plan } = JSON.parse(body) as Stored;
    if (files.some(([path, hash]) => sha256(io.read(path)) !== hash)) return undefined;
    const program = decode(Buffer.from(filter, 'base64'), 'little');
    return check(program).ok ? { ...plan, filter: program } : undefined;
  } catch {
    return undefined;
  }
}

function signature(key: string, body: string): string {
  return sha256(`${key}\n${body}`);
}

function write(directory: string, key: string, stored: Stored): void {
  const beside = join(directory, `.${randomBytes(6).toString('hex')}`);
  try {
    makeOwnDirectory(directory);
    if (!isOurDirectory(directory)) return;
    const body = JSON.stringify(stored);
    writeFileSync(beside, `${signature(key, body)}\n${body}`, { mode: 0o600, flag: 'wx' });
    renameSync(beside, join(directory, key));
  } catch {
    // Without a cache the next run makes the plan again.
    remove(beside);
  }
}

/** A directory that cannot be reached (another user’s, or none) holds nothing of ours. */
function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It was never made.
  }
}
