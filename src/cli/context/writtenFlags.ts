import { resolve } from 'node:path';
import { parseTarget } from '../../engine/target.js';
import { CallgateError } from '../../error.js';
import type { ContextWords, Placed } from '../../suite/suite.js';
import type { ContextFlags } from './contextOptions.js';
import { seccompFrom } from './givenContainer.js';

/** Flags that take several values. */
export const LISTS = new Set(['cap-add', 'cap-drop', 'security-opt']);
/** Flags that are true or false. */
export const SWITCHES = new Set(['privileged', 'nearest']);
const FILES = new Set(['from-compose', 'from-devcontainer', 'from-workflow']);

/**
 * The context flags that a file writes by their names; paths start from the file's own directory.
 *
 * @throws CallgateError `INPUT` for several values of a flag that takes one, and for a switch that is neither true nor false
 */
export function writtenFlags({ flags, at }: ContextWords, directory: string): ContextFlags {
  const found: Record<string, unknown> = {};
  for (const [name, values] of flags) {
    const key = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const [value] = values;
    if (value === undefined) continue;
    if (LISTS.has(name)) found[key] = values.map(({ text }) => seccompFrom(directory, text));
    else if (values.length > 1) throw new CallgateError('INPUT', `${name} takes one value`, { at });
    else if (SWITCHES.has(name)) found[key] = switched(name, value);
    else if (name === 'profile') found[key] = targetFrom(directory, value.text);
    else found[key] = FILES.has(name) ? resolve(directory, value.text) : value.text;
  }
  return found;
}

/** A target that a file names, with its path from the file's directory. */
export function targetFrom(directory: string, word: string): string {
  const parsed = parseTarget(word);
  return parsed.kind === 'file' ? resolve(directory, parsed.path) : word;
}

function switched(name: string, { text, at }: Placed): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new CallgateError('INPUT', `${name}: ${JSON.stringify(text)}`, { at, expected: 'true or false' });
}
