/**
 * A table with lines around it. Cells may have several lines and colours; every character counts as one column, which
 * holds for all that callgate prints. (Libraries that measure emoji as well take seconds for a large matrix.)
 */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.split('\n')));
  const widths = head.map((_, column) =>
    cells.reduce(
      (most, row) => (row[column] ?? []).reduce((wide, line) => Math.max(wide, widthOf(line)), most),
      0,
    ),
  );
  const rule = (left: string, middle: string, right: string): string =>
    `${left}${widths.map((width) => '─'.repeat(width + 2)).join(middle)}${right}`;
  const [titles = [], ...body] = cells.map((row) => linesOf(row, widths));
  return [
    rule('┌', '┬', '┐'),
    ...titles,
    ...(body.length === 0 ? [] : [rule('├', '┼', '┤'), ...body.flat()]),
    rule('└', '┴', '┘'),
  ].join('\n');
}

function linesOf(row: readonly (readonly string[])[], widths: readonly number[]): readonly string[] {
  const height = Math.max(...row.map((lines) => lines.length));
  return Array.from({ length: height }, (_, index) => {
    const parts = widths.map((width, column) => padded(row[column]?.[index] ?? '', width));
    return `│ ${parts.join(' │ ')} │`;
  });
}

const padded = (text: string, width: number): string => text + ' '.repeat(width - widthOf(text));

/** Colour codes. */
const COLOUR = /\u001b\[[0-9;]*m/g;

function widthOf(line: string): number {
  const plain = line.includes('\u001b') ? line.replace(COLOUR, '') : line;
  let width = 0;
  for (const _ of plain) width++;
  return width;
}
