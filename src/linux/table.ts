/**
 * The layout that a launcher's machine code interprets: a table of entries of twelve 32-bit words. The code walks
 * it from the first entry, and ends by execve(argv[0], argv + 1, envp).
 *
 *     number  a0 a1 a2 a3 a4 a5  store  ignore  repeat  thread  fd
 *
 * An entry's call is made; an error equal to `ignore` counts as success, one equal to `repeat` makes the call
 * again, any other ends the process. A result is stored (32 bits) at `store` unless that is 0. A result of 0 goes
 * on at `thread` unless that is 0: that is the new thread of a clone. Unless `fd` is 0, the 32-bit word at it is the
 * call's first argument in the place of a0. Addresses and constants need only 32 bits, because the image lies low and no
 * call here takes more.
 */
export const WORDS = 12;
export const ENTRY_BYTES = WORDS * 4;

/** Byte offsets within an entry. */
export const AT = {
  number: 0,
  args: 4,
  store: 28,
  ignore: 32,
  repeat: 36,
  thread: 40,
  fd: 44,
} as const;

/** In place of a number: execute the command. */
export const EXECUTE = 0xffffffff;
/** In place of a number: turn until the 32-bit word at a0 is not 0. Makes no system call, so no filter can be in its way. */
export const WAIT = 0xfffffffe;

/** What execvp(3) searches when PATH is not set. */
export const DEFAULT_PATH = '/usr/local/bin:/bin:/usr/bin';

/** Exit codes of env(1) and `docker run`: the launcher failed, the command cannot be executed, is not there. */
export const EXIT_LAUNCHER = 125;
export const EXIT_NOT_EXECUTABLE = 126;
export const EXIT_NOT_FOUND = 127;
