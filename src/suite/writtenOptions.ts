import { placedOption } from '../container/words.js';
import type { ContextOptions } from '../engine/contextInput.js';
import { parseTarget } from '../engine/target.js';
import { CallgateError } from '../error.js';
import type { ContextWords, Placed } from './suite.js';

/** A context as a file writes it. */
export interface WrittenOptions extends ContextOptions {
  readonly profile?: string;
  readonly like?: string;
  readonly fromRun?: string;
  readonly fromCompose?: string;
  readonly fromDevcontainer?: string;
  readonly fromWorkflow?: string;
}

/** Flags that take several values. */
export const LISTS: ReadonlySet<string> = new Set(['cap-add', 'cap-drop', 'security-opt']);
/** Flags that are true or false. */
export const SWITCHES: ReadonlySet<string> = new Set(['privileged', 'nearest']);
const FILES: ReadonlySet<string> = new Set(['from-compose', 'from-devcontainer', 'from-workflow']);

/** Where a path leads that a file names. */
export type Place = (path: string) => string;

/**
 * The context flags that a file writes by their names.
 *
 * @throws CallgateError `INPUT` for several values of a flag that takes one, and for a switch that is neither true nor false
 */
export function writtenOptions({ flags, at }: ContextWords, place: Place): WrittenOptions {
  const found: Record<string, unknown> = {};
  for (const [name, values] of flags) {
    const key = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const [value] = values;
    if (value === undefined) continue;
    if (LISTS.has(name)) found[key] = values.map(({ text }) => placedOption(text, place));
    else if (values.length > 1) throw new CallgateError('INPUT', `${name} takes one value`, { at });
    else if (SWITCHES.has(name)) found[key] = switched(name, value);
    else if (name === 'profile') found[key] = placedTarget(value.text, place);
    else found[key] = FILES.has(name) ? place(value.text) : value.text;
  }
  return found;
}

/** A target that a file names, with its path where it leads. */
export function placedTarget(word: string, place: Place): string {
  const parsed = parseTarget(word);
  return parsed.kind === 'file' ? place(parsed.path) : word;
}

function switched(name: string, { text, at }: Placed): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new CallgateError('INPUT', `${name}: ${JSON.stringify(text)}`, { at, expected: 'true or false' });
}
