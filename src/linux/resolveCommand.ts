import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DEFAULT_PATH } from './table.js';

/**
 * The file that a command's name stands for, as execvp(3) finds it: a name with a slash is itself, others are looked
 * for in `path`, where an empty entry is the working directory. A file that may not be executed is remembered, so that
 * the error is "permission denied" rather than "not found". For a name that is nowhere the answer is a path that does
 * not exist, so that execve says so.
 */
export function resolveCommand(command: string, path: string | undefined, cwd: string): string {
  if (command.includes('/')) return command;
  let denied: string | undefined;
  for (const directory of (path ?? DEFAULT_PATH).split(':')) {
    const file = resolve(cwd, directory, command);
    try {
      if (!statSync(file).isFile()) continue;
      accessSync(file, constants.X_OK);
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EACCES') denied ??= file;
    }
  }
  return denied ?? `/nonexistent/${command}`;
}
