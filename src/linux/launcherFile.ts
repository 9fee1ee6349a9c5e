import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallgateError } from '../error.js';
import { MFD_CLOEXEC } from './constants.js';
import { libc } from './ffi.js';

/** A launcher's image where it can be executed. `remove` may be called as soon as it was. */
export interface LauncherFile {
  readonly path: string;
  /** The fd of a new file of zeros, which has no name and is the caller's to close. @throws where there is no room */
  readonly openReport: (length: number) => number;
  readonly remove: () => void;
}

/**
 * Writes the image to a file that only this user can reach, in the first directory that lets programs be executed
 * (/tmp may be mounted noexec), or into anonymous memory when there is none. The file is closed before it is returned,
 * so execve does not see a writer (ETXTBSY).
 * @throws {CallgateError} HOST when nothing works.
 */
export function writeLauncher(
  image: Uint8Array,
  directories: readonly string[] = candidates(),
): LauncherFile {
  const reasons: string[] = [];
  for (const directory of directories) {
    try {
      return inDirectory(directory, image);
    } catch (error) {
      reasons.push(`${directory}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
    }
  }
  try {
    return inMemory(image);
  } catch (cause) {
    throw new CallgateError('HOST', 'there is no place for the launcher, a small executable file', {
      expected: `a directory that is writable and not mounted noexec (tried ${reasons.join(', ')})`,
      hint: 'set TMPDIR or XDG_RUNTIME_DIR to one',
      cause,
    });
  }
}

/** What the user names comes first; then memory, which is there in less time than a disk. */
function candidates(): readonly string[] {
  const { XDG_RUNTIME_DIR, TMPDIR } = process.env;
  const named = [XDG_RUNTIME_DIR, TMPDIR].filter((path) => path?.startsWith('/') === true);
  return [...new Set([...named, '/dev/shm', tmpdir(), '/var/tmp'])] as readonly string[];
}

/** mkdtemp makes the directory with mode 0700, less what the umask takes, and a name that did not exist. */
function inDirectory(parent: string, image: Uint8Array): LauncherFile {
  const directory = mkdtempSync(join(parent, 'callgate-'));
  const path = join(directory, 'launcher');
  const remove = (): void => {
    try {
      rmSync(path, { force: true });
      rmdirSync(directory);
    } catch {
      // Somebody else was faster, or the disk has failed: a command that runs by now must not end for that.
    }
  };
  const openReport = (length: number): number => {
    const report = join(directory, 'report');
    const fd = openSync(report, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    unlinkSync(report);
    return zeroed(fd, length);
  };
  try {
    chmodSync(directory, 0o700);
    const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o700);
    try {
      writeAll(fd, image);
      // The process's umask may have taken the right to execute.
      fchmodSync(fd, 0o700);
    } finally {
      closeSync(fd);
    }
    // access(2) answers EACCES for X_OK on a file system that is mounted noexec.
    accessSync(path, constants.X_OK);
  } catch (error) {
    remove();
    throw error;
  }
  return { path, openReport, remove };
}

/** libuv moves fds below its stdio count around in the child, before execve. */
const BEYOND_STDIO = 64;

function inMemory(image: Uint8Array): LauncherFile {
  const c = libc();
  const low: number[] = [];
  try {
    for (;;) {
      const fd = c.memfdCreate('callgate-launcher', MFD_CLOEXEC);
      if (fd < 0) throw new Error(`memfd_create: errno ${c.errno()}`);
      if (fd < BEYOND_STDIO) {
        low.push(fd);
        continue;
      }
      writeAll(fd, image);
      return {
        path: `/proc/self/fd/${fd}`,
        openReport: (length) => zeroed(c.memfdCreate('callgate-report', MFD_CLOEXEC), length),
        remove: () => closeSync(fd),
      };
    }
  } finally {
    for (const fd of low) closeSync(fd);
  }
}

/** The file with its room taken, so that none is missing later. */
function zeroed(fd: number, length: number): number {
  try {
    // At its beginning, where the launcher is to write then.
    writeSync(fd, new Uint8Array(length), 0, length, 0);
    return fd;
  } catch (error) {
    if (fd >= 0) closeSync(fd);
    throw error;
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
