import { PR_SET_NO_NEW_PRIVS, SECCOMP_SET_MODE_FILTER } from '../constants.js';
import { EXIT_LAUNCHER, EXIT_NOT_EXECUTABLE, EXIT_NOT_FOUND } from '../table.js';
import type { Processor, Register, Writer } from './processor.js';

/** Addresses of NUL-terminated texts and of what the filter needs. */
export interface Places {
  /** struct sock_fprog. */
  readonly filter: number;
  /** For seccomp(2). */
  readonly flags: number;
  readonly usage: number;
  readonly privileges: number;
  readonly seccomp: number;
  readonly execute: number;
  readonly colon: number;
  readonly newline: number;
  readonly empty: number;
  /** What is searched when PATH is not set. */
  readonly path: number;
  /** Names of the errnos from 1 on, one behind the other; the last one is for all that are larger. */
  readonly errnos: number;
  readonly errnoCount: number;
}

/** Below the stack pointer: paths, and then the message. PATH_MAX of include/uapi/linux/limits.h. */
const BUFFER = 4095;

const ERRNO = { ENOENT: 2, EACCES: 13, ENODEV: 19, ENOTDIR: 20, ETIMEDOUT: 110, ESTALE: 116 } as const;
/** A directory of PATH that gives one of these is passed over, as in glibc's execvpe(). */
const NOT_HERE = [ERRNO.ENOENT, ERRNO.ENOTDIR, ERRNO.ENODEV, ERRNO.ESTALE, ERRNO.ETIMEDOUT];

const [NUL, SLASH, COLON] = [0, 0x2f, 0x3a];

/**
 * Sets no_new_privs, installs the filter, then executes the arguments: a name without a slash is looked for in PATH as
 * execvp(3) does, but a file that is no program is not given to a shell. What fails is told on standard error, and the
 * exit code is 125 (no filter), 126 (not executable) or 127 (not found). Nothing is ever executed without the filter.
 */
export function program(processor: Processor, places: Places): Uint8Array {
  const asm = processor.writer();
  start(asm, places);
  search(asm, places);
  fail(asm, places);
  return asm.finish();
}

function start(asm: Writer, places: Places): void {
  // At the stack pointer: argc, argv, NULL, envp, NULL. Our own argv[0] is left out.
  asm.enter();
  asm.load('byte', 'stack', 0, 8);
  asm.copy('argv', 'stack');
  asm.addConstant('argv', 16);
  asm.copy('envp', 'byte');
  for (let doubled = 1; doubled < 8; doubled *= 2) asm.add('envp', 'envp');
  asm.add('envp', 'argv');
  asm.branch('below', 'byte', 2, 'usage');

  asm.set('source', places.privileges);
  asm.set('a0', PR_SET_NO_NEW_PRIVS);
  asm.set('a1', 1);
  for (const rest of ['a2', 'a3', 'a4'] as const) asm.set(rest, 0);
  asm.call('prctl');
  asm.branch('unequal', 'result', 0, 'failed');

  asm.set('source', places.seccomp);
  asm.set('a0', SECCOMP_SET_MODE_FILTER);
  asm.set('a1', places.flags);
  asm.set('a2', places.filter);
  asm.call('seccomp');
  asm.branch('unequal', 'result', 0, 'failed');

  asm.load('command', 'argv', 0, 8);
  asm.copy('source', 'command');
  asm.label('scan');
  asm.load('byte', 'source', 0, 1);
  asm.branch('equal', 'byte', NUL, 'search');
  asm.addConstant('source', 1);
  asm.branch('unequal', 'byte', SLASH, 'scan');
  execute(asm, 'command');
  asm.copy('errno', 'byte');
  asm.jump('unexecuted');
}

/** Leaves the errno in `byte`. */
function execute(asm: Writer, file: Register): void {
  asm.copy('a0', file);
  asm.copy('a1', 'argv');
  asm.copy('a2', 'envp');
  asm.call('execve');
  asm.copy('byte', 'result');
  asm.negate('byte');
}

function search(asm: Writer, places: Places): void {
  asm.label('search');
  asm.set('errno', ERRNO.ENOENT);
  asm.branch('equal', 'source', 'command', 'unexecuted');
  asm.set('source', places.path);
  asm.copy('target', 'envp');
  asm.label('find');
  asm.load('byte', 'target', 0, 8);
  asm.addConstant('target', 8);
  asm.branch('equal', 'byte', 0, 'found');
  for (const [index, letter] of [...'PATH='].entries()) {
    asm.load('a0', 'byte', index, 1);
    asm.branch('unequal', 'a0', letter.charCodeAt(0), 'find');
  }
  asm.copy('source', 'byte');
  asm.addConstant('source', 'PATH='.length);
  asm.label('found');

  asm.label('directory');
  bufferStart(asm, 'target');
  asm.label('letter');
  asm.load('byte', 'source', 0, 1);
  asm.branch('equal', 'byte', NUL, 'complete');
  asm.branch('equal', 'byte', COLON, 'complete');
  put(asm, 'byte', 'too long');
  asm.addConstant('source', 1);
  asm.jump('letter');
  asm.label('complete');
  // An empty directory is the working directory.
  bufferStart(asm, 'a0');
  asm.branch('equal', 'a0', 'target', 'name');
  asm.set('byte', SLASH);
  put(asm, 'byte', 'too long');
  asm.label('name');
  asm.copy('a1', 'command');
  asm.label('name letter');
  asm.load('byte', 'a1', 0, 1);
  put(asm, 'byte', 'too long');
  asm.addConstant('a1', 1);
  asm.branch('unequal', 'byte', NUL, 'name letter');
  bufferStart(asm, 'a0');
  execute(asm, 'a0');
  for (const errno of NOT_HERE) asm.branch('equal', 'byte', errno, 'too long');
  // Told in the end, unless the file is found elsewhere.
  asm.copy('errno', 'byte');
  asm.branch('unequal', 'byte', ERRNO.EACCES, 'unexecuted');
  // On to what is behind the next colon.
  asm.label('too long');
  asm.load('byte', 'source', 0, 1);
  asm.branch('equal', 'byte', NUL, 'unexecuted');
  asm.addConstant('source', 1);
  asm.branch('equal', 'byte', COLON, 'directory');
  asm.jump('too long');
}

function bufferStart(asm: Writer, register: Register): void {
  asm.copy(register, 'stack');
  asm.addConstant(register, -BUFFER);
}

/** Writes a byte behind the others in the buffer. */
function put(asm: Writer, value: Register, full: string): void {
  asm.branch('equal', 'target', 'stack', full);
  asm.storeByte(value, 'target');
  asm.addConstant('target', 1);
}

/** From here on `argv` is a second text and `envp` the exit code. */
function fail(asm: Writer, places: Places): void {
  asm.label('usage');
  asm.set('source', places.usage);
  asm.set('envp', EXIT_LAUNCHER);
  bufferStart(asm, 'target');
  append(asm, 'source', 'usage text');
  asm.jump('write');

  asm.label('failed');
  asm.copy('errno', 'result');
  asm.negate('errno');
  asm.set('envp', EXIT_LAUNCHER);
  asm.set('argv', places.empty);
  asm.jump('tell');

  asm.label('unexecuted');
  asm.set('source', places.execute);
  asm.copy('argv', 'command');
  asm.set('envp', EXIT_NOT_EXECUTABLE);
  asm.branch('unequal', 'errno', ERRNO.ENOENT, 'tell');
  asm.set('envp', EXIT_NOT_FOUND);

  asm.label('tell');
  bufferStart(asm, 'target');
  append(asm, 'source', 'what');
  append(asm, 'argv', 'which');
  asm.set('source', places.colon);
  append(asm, 'source', 'colon');
  asm.set('source', places.errnos);
  asm.branch('below', 'errno', places.errnoCount, 'errno');
  asm.set('errno', places.errnoCount);
  asm.label('errno');
  asm.branch('equal', 'errno', 1, 'named');
  asm.label('pass');
  asm.load('byte', 'source', 0, 1);
  asm.addConstant('source', 1);
  asm.branch('unequal', 'byte', NUL, 'pass');
  asm.addConstant('errno', -1);
  asm.jump('errno');
  asm.label('named');
  append(asm, 'source', 'errno text');
  asm.set('source', places.newline);
  append(asm, 'source', 'newline');

  asm.label('write');
  bufferStart(asm, 'a1');
  asm.copy('byte', 'a1');
  asm.negate('byte');
  asm.copy('a2', 'target');
  asm.add('a2', 'byte');
  asm.set('a0', 2);
  asm.call('write');
  for (const call of ['exit_group', 'exit'] as const) {
    asm.copy('a0', 'envp');
    asm.call(call);
  }
  asm.trap();
}

/** A text behind the others in the buffer, as far as there is room. */
function append(asm: Writer, text: Register, name: string): void {
  asm.label(name);
  asm.load('byte', text, 0, 1);
  asm.branch('equal', 'byte', NUL, `${name} end`);
  put(asm, 'byte', `${name} end`);
  asm.addConstant(text, 1);
  asm.jump(name);
  asm.label(`${name} end`);
}
