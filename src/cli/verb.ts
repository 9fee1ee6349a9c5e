import type { Command } from 'commander';
import type { Io } from './io/io.js';

/** One verb: its flags and help, and what it does. `exit` takes the exit code. */
export interface Verb {
  readonly name: string;
  readonly define: (command: Command, io: Io, exit: (code: number) => void) => void;
}
