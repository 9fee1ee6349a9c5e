import { fstatSync } from 'node:fs';
import { createRequire } from 'node:module';
import { libc } from '../linux/ffi.js';

/**
 * A terminal that hangs up does not end callgate, whose command may go on. Node restores terminals when it ends, and
 * aborts where one has gone (src/node.cc: ResetStdio): then the process ends without that, with its exit code.
 */
export function outliveTerminal(): void {
  process.once('exit', (code) => {
    if (![0, 1, 2].some(hasHungUp)) return;
    try {
      libc().exitNow(code);
    } catch {
      // Without the addon it ends as Node does.
    }
  });
}

/** Documentation/admin-guide/devices.txt: consoles and serial lines, 128 to 143 pseudo-terminals. */
const TERMINALS: ReadonlySet<number> = new Set([
  4,
  5,
  ...Array.from({ length: 16 }, (_, unit) => 128 + unit),
]);

function hasHungUp(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    if (!stat.isCharacterDevice() || !TERMINALS.has((stat.rdev >> 8) & 0xfff)) return false;
    // Loaded where it is needed alone: most commands have no terminal.
    const tty = createRequire(import.meta.url)('node:tty') as typeof import('node:tty');
    return !tty.isatty(fd);
  } catch {
    return false;
  }
}
