import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const WIDTH = 150;

/** JSON in which what fits a line stands on one line, so that a change of one fact is a change of one line. */
export function reviewable(value: unknown): string {
  return `${lines(value, '', '').join('\n')}\n`;
}

function lines(value: unknown, indent: string, key: string): string[] {
  const short = `${key}${JSON.stringify(value)}`;
  if (typeof value !== 'object' || value === null) return [indent + short];
  if (indent !== '' && indent.length + short.length <= WIDTH) return [indent + short];
  const inner = `${indent} `;
  if (Array.isArray(value)) {
    const body = value.every(isWord)
      ? filled(
          value.map((item) => JSON.stringify(item)),
          inner,
        )
      : listed(value.map((item) => lines(item, inner, '')));
    return [`${indent}${key}[`, ...body, `${indent}]`];
  }
  const entries = Object.entries(value);
  const body = entries.every(([, item]) => isWord(item))
    ? filled(
        entries.map(([name, item]) => `${JSON.stringify(name)}:${JSON.stringify(item)}`),
        inner,
      )
    : listed(entries.map(([name, item]) => lines(item, inner, `${JSON.stringify(name)}: `)));
  return [`${indent}${key}{`, ...body, `${indent}}`];
}

function isWord(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** Joins the lines of several values with commas. */
function listed(values: readonly string[][]): string[] {
  return values.flatMap((part, index) => {
    const last = part.at(-1);
    if (index === values.length - 1 || last === undefined) return part;
    return [...part.slice(0, -1), `${last},`];
  });
}

/** Words, as many on a line as fit. */
function filled(words: readonly string[], indent: string): string[] {
  const result: string[] = [];
  let line = '';
  words.forEach((word, index) => {
    const text = word + (index === words.length - 1 ? '' : ',');
    if (line !== '' && indent.length + line.length + 1 + text.length > WIDTH) {
      result.push(indent + line);
      line = text;
    } else {
      line = line === '' ? text : `${line} ${text}`;
    }
  });
  if (line !== '') result.push(indent + line);
  return result;
}

export async function writeFacts(directory: string, path: string, value: object): Promise<void> {
  const file = join(directory, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, reviewable(value));
}
