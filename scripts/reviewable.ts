import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** JSON with one line for each entry of the second level, so that a change of one fact is a change of one line. */
export function reviewable(value: object): string {
  const parts = Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${level(part)}`);
  return `{\n${parts.join(',\n')}\n}\n`;
}

function level(part: unknown): string {
  if (Array.isArray(part)) {
    if (!part.some((item) => typeof item === 'object' && item !== null)) return JSON.stringify(part);
    return `[\n${part.map((item) => `  ${JSON.stringify(item)}`).join(',\n')}\n]`;
  }
  if (typeof part !== 'object' || part === null) return JSON.stringify(part);
  const lines = Object.entries(part).map(
    ([key, item]) => `  ${JSON.stringify(key)}: ${JSON.stringify(item)}`,
  );
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n}`;
}

export async function writeFacts(directory: string, path: string, value: object): Promise<void> {
  const file = join(directory, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, reviewable(value));
}
