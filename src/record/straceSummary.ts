/** A row of the table that `strace -c` and `-C` print. */
export interface SummaryRow {
  readonly name: string;
  readonly calls: number;
}

/** The columns can be chosen (-U). */
const TITLE = /^ *(?:[\w%/-]+ +)*calls\b.* syscall\s*$/;
const MODE = /^System call usage summary for (32 bit|64 bit|x32) mode:/;
const ROW = /^ *[\d. ]+ ([a-z_][a-z0-9_]*)\s*$/;

/** Reads the tables of a log line by line. */
export interface SummaryReader {
  /** A row; `'table'` for another line of a table; undefined for a line of something else. */
  readonly line: (text: string) => SummaryRow | 'table' | undefined;
  /** What the table that is being read is about; undefined: the machine's own ABI. */
  readonly mode: () => '32 bit' | '64 bit' | 'x32' | undefined;
}

export function summaryReader(): SummaryReader {
  /** Which of a row's words is the number of calls; undefined outside of a table. */
  let column: number | undefined;
  let mode: '32 bit' | '64 bit' | 'x32' | undefined;
  return {
    line: (text) => {
      const announced = MODE.exec(text);
      if (announced !== null) {
        mode = announced[1] as typeof mode;
        return 'table';
      }
      if (TITLE.test(text)) {
        column = text.replace('% time', 'time').trim().split(/ +/).indexOf('calls');
        return 'table';
      }
      if (column === undefined) return undefined;
      if (/^-+ -+/.test(text)) return 'table';
      const name = ROW.exec(text)?.[1];
      if (name === undefined || name === 'total') {
        column = undefined;
        return name === undefined ? undefined : 'table';
      }
      // A column before it may be empty in this row; that the call was made is certain.
      return { name, calls: Number(text.trim().split(/ +/)[column]) || 1 };
    },
    mode: () => mode,
  };
}
