/** A call as a line of strace begins it. */
export interface StraceCall {
  readonly pid: string | undefined;
  readonly name: string;
  /** The second half of a line that another process's calls interrupted. */
  readonly resumed: boolean;
  /** Index of the first argument in the line. */
  readonly at: number;
}

/**
 * What may stand before a call: the process (`[pid 12] `, `[pid 12<sh>] `, with -o `12 `), the time (-t, -tt, -ttt,
 * -r), the instruction pointer (-i) and the number (-n).
 */
const CALL =
  /\s*(?:\[pid +(\d+)(?:<[^>]*>)?\] +|(\d+)(?:<[^>]*>)? +)?(?:\d{1,2}:\d{2}:\d{2}(?:\.\d+)? +|\d+\.\d+ +)?(?:\(\+ +\d+\.\d+\) +)?(?:\[[0-9a-f?]{8,16}\] +)?(?:\[ *\d+\] +)?(?:([a-z_][a-z0-9_]*)\(|<\.\.\. ([a-z_][a-z0-9_]*) resumed>)/y;

/** Reads the beginning of a line; undefined for one that is no call (a signal, an exit, a program's own output). */
export function straceCall(line: string): StraceCall | undefined {
  CALL.lastIndex = 0;
  const found = CALL.exec(line);
  if (found === null) return undefined;
  const name = found[3] ?? found[4] ?? '';
  return { pid: found[1] ?? found[2], name, resumed: found[3] === undefined, at: CALL.lastIndex };
}

/** Whether strace itself ended this line: with a result, or because another process came between. */
export function isWhole(line: string): boolean {
  return line.includes(' = ') || line.includes('<unfinished ...>') || line.includes('<detached ...>');
}

/** A process that runs a program of another ABI. */
export interface ModeChange {
  readonly pid: string;
  readonly mode: '32 bit' | '64 bit' | 'x32';
}

const MODE = /\[ Process PID=(\d+) runs in (32 bit|64 bit|x32) mode\. \]/;

export function modeChange(line: string): ModeChange | undefined {
  const found = MODE.exec(line);
  return found === null ? undefined : { pid: found[1] ?? '', mode: found[2] as ModeChange['mode'] };
}

const OPENING = '([{<';
const CLOSING = ')]}>';
/** A line of strace has one call; more pieces than this are somebody's prank. */
const MOST_PIECES = 16;

/** The texts of a call's arguments, as they stand between its parentheses. */
export function straceArguments(line: string, at: number): readonly string[] {
  const pieces: string[] = [];
  let start = at;
  let depth = 0;
  for (let index = at; index < line.length && pieces.length < MOST_PIECES; index++) {
    const char = line.charAt(index);
    if (char === '"') index = endOfString(line, index);
    else if (char === ' ' && line.startsWith(' <unfinished', index)) {
      pieces.push(line.slice(start, index));
      return pieces;
    } else if (char === '<' && !isDecoration(line, index)) continue;
    else if (OPENING.includes(char)) depth++;
    else if (CLOSING.includes(char) && !(char === '>' && depth === 0)) {
      if (char === ')' && depth === 0) {
        pieces.push(line.slice(start, index));
        return pieces;
      }
      depth = Math.max(0, depth - 1);
    } else if (char === ',' && depth === 0) {
      pieces.push(line.slice(start, index));
      start = index + 1;
    }
  }
  return pieces;
}

/** `3</etc/passwd>` (-y) holds commas and parentheses; `1<<12` does not open anything. */
function isDecoration(line: string, index: number): boolean {
  return (
    /[0-9A-Z]/.test(line.charAt(index - 1)) &&
    line.charAt(index + 1) !== '<' &&
    line.charAt(index - 1) !== '<'
  );
}

function endOfString(line: string, start: number): number {
  for (let index = start + 1; index < line.length; index++) {
    if (line.charAt(index) === '\\') index++;
    else if (line.charAt(index) === '"') return index;
  }
  return line.length;
}
