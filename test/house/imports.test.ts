import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../src');

/** From the top of the house to its ground: a room imports only from rooms after it in this list. */
const rooms = [
  'cli',
  'web',
  'linux',
  'editor',
  'kubernetes',
  'suite',
  'record',
  'lint',
  'explain',
  'bpf',
  'runtime',
  'policy',
  'container',
  'engine',
  'profile',
  'syscalls',
] as const;
const WITH_NODE: ReadonlySet<string> = new Set(['cli', 'web', 'linux']);
/** All others run in a browser, so they import nothing of Node; '' is the files beside the rooms. */
const core: ReadonlySet<string> = new Set([...rooms.filter((room) => !WITH_NODE.has(room)), '']);

function sources(directory: string): string[] {
  return readdirSync(directory).flatMap((entry) => {
    const path = join(directory, entry);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.tsx?$/.test(path) ? [path] : [];
  });
}

function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

const roomOf = (path: string): string => {
  const parts = relative(root, path).split('/');
  return parts.length > 1 ? (parts[0] ?? '') : '';
};

const files = sources(root);

describe('imports', () => {
  test('every folder of src is a room of the list', () => {
    const found = new Set(files.map(roomOf));
    found.delete('');
    expect([...found].filter((room) => !(rooms as readonly string[]).includes(room))).toEqual([]);
  });

  test('go down the house, never up', () => {
    const wrong: string[] = [];
    for (const file of files) {
      const from = rooms.indexOf(roomOf(file) as (typeof rooms)[number]);
      for (const specifier of importsOf(file)) {
        if (!specifier.startsWith('.')) continue;
        const target = resolve(dirname(file), specifier);
        if (!target.startsWith(`${root}/`)) continue;
        const room = roomOf(target);
        // Files directly under src are entry points (index.ts, which may import all) and small things that all may use.
        if (room === '' || roomOf(file) === '') continue;
        if (rooms.indexOf(room as (typeof rooms)[number]) < from) {
          wrong.push(`${relative(root, file)} imports ${relative(root, target)}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('the core imports nothing of Node', () => {
    const wrong = files
      .filter((file) => core.has(roomOf(file)))
      .flatMap((file) =>
        importsOf(file)
          .filter((name) => name.startsWith('node:'))
          .map((name) => `${relative(root, file)}: ${name}`),
      );
    expect(wrong).toEqual([]);
  });
});
