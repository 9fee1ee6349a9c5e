import { dirname, relative, resolve } from 'node:path';
import { textOf } from '../../profile/fields.js';
import { parseJson } from '../../profile/jsonText.js';
import { nearest } from '../../profile/nearest.js';
import { describe, quote } from '../../profile/node.js';
import { fail, openSource } from '../../profile/source.js';
import { contextWords } from '../../suite/readSuite.js';
import { writtenOptions } from '../../suite/writtenOptions.js';
import type { Io } from '../io/io.js';
import type { ContextFlags } from './contextOptions.js';

/** What a project says once for all commands that are given in it. */
export interface Config {
  readonly file: string;
  /** The context of commands that name none. */
  readonly context?: ContextFlags;
  /** What `callgate test` runs when it is given no file. */
  readonly suites?: readonly string[];
}

export const KEYS = ['$schema', 'context', 'suites'] as const;

/**
 * Reads a callgate.config.json.
 *
 * @throws CallgateError `INPUT` with file, line and column
 */
export function readConfig(path: string, io: Io): Config {
  const file = relative(process.cwd(), path);
  const source = openSource(io.read(path), file);
  const { root } = parseJson(source);
  if (root.kind !== 'object')
    fail(source, root.at, `unexpected ${describe(root)}`, { expected: 'an object' });
  let context: ContextFlags | undefined;
  let suites: readonly string[] | undefined;
  for (const { key, keyAt, value } of root.members()) {
    switch (key) {
      case '$schema':
        break;
      case 'context':
        context = writtenOptions(contextWords(source, value), (file) => resolve(dirname(path), file));
        break;
      case 'suites':
        if (value.kind !== 'array')
          fail(source, value.at, `unexpected ${describe(value)}`, { expected: 'suites: a list of files' });
        suites = [...value.elements()].map((element) => {
          const name = textOf(element);
          if (name === undefined)
            fail(source, element.at, `unexpected ${describe(element)}`, { expected: 'a file' });
          return resolve(dirname(path), name);
        });
        break;
      default: {
        const near = nearest(key, KEYS);
        fail(source, keyAt, `unknown key ${quote(key)}`, {
          expected: near === undefined ? KEYS.join(', ') : `${near}?`,
        });
      }
    }
  }
  return { file, ...(context === undefined ? {} : { context }), ...(suites === undefined ? {} : { suites }) };
}
