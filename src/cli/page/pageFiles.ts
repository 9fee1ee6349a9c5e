import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CallgateError } from '../../error.js';

/** A file of the built page. */
export interface PageFile {
  readonly type: string;
  readonly body: Uint8Array;
}

/** In the built package the page lies beside or above this module; the sources use the built one. */
const PLACES = ['./web/', '../web/', '../../../dist/web/'];

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * The page's files by their path, `index.html` and `assets/…`: nothing else can be asked for.
 *
 * @throws CallgateError `HOST` when the installation lacks the page
 */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  for (const place of PLACES) {
    const directory = fileURLToPath(new URL(place, import.meta.url));
    const files = filesIn(directory);
    if (files?.has('index.html') === true) return files;
  }
  throw new CallgateError('HOST', 'the page is missing from the installation of callgate', {
    hint: 'install it again; in a checkout, run npm run build',
  });
}

function filesIn(directory: string): ReadonlyMap<string, PageFile> | undefined {
  let entries: readonly string[];
  try {
    entries = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  } catch {
    return undefined;
  }
  const files = entries.filter((entry) => extname(entry) in TYPES);
  return new Map(
    files.map((entry) => {
      const path = relative(directory, join(directory, entry)).split(sep).join('/');
      return [path, { type: TYPES[extname(entry)] ?? '', body: readFileSync(join(directory, entry)) }];
    }),
  );
}
