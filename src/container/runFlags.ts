import json from '../../data/container/run-flags.json' with { type: 'json' };
import { CallgateError } from '../error.js';
import { nearest } from '../profile/nearest.js';
import { fail, type Source } from '../profile/source.js';
import type { ShellWord } from './shellWords.js';

export type Client = 'docker' | 'podman' | 'nerdctl';

interface FlagNames {
  readonly values: readonly string[];
  readonly switches: readonly string[];
}

/** Names that `--help` does not list. */
const HIDDEN: FlagNames = { values: ['net', 'net-alias', 'dns-opt'], switches: [] };

/** nerdctl takes docker's flags. */
const tables = {
  docker: json.docker,
  podman: json.podman,
  nerdctl: json.docker,
} as const satisfies Record<Client, { readonly global: FlagNames; readonly run: FlagNames }>;

/** A flag with its value; a switch has `true` or what stands behind its `=`. */
export interface Flag {
  readonly name: string;
  readonly value: string;
}

export interface ReadFlags {
  readonly flags: readonly Flag[];
  /** Words from the first that is no flag. */
  readonly rest: readonly ShellWord[];
}

/**
 * The flags before the first other word, as pflag reads them: `--name value`, `--name=value`, `-e value`, `-evalue`, `-it`.
 *
 * @param which flags of the client itself or of its `run`
 * @throws CallgateError `INPUT` for a flag that the client does not have, since nobody knows whether the next word is its value
 */
export function readFlags(
  source: Source,
  words: readonly ShellWord[],
  client: Client,
  which: 'global' | 'run',
): ReadFlags {
  const known = tables[client][which];
  const takesValue = new Set([...known.values, ...HIDDEN.values]);
  const switches = new Set([...known.switches, ...HIDDEN.switches]);
  const flags: Flag[] = [];
  let i = 0;
  const takeValue = (word: ShellWord): string => {
    const next = words[++i];
    if (next === undefined) fail(source, word.at, `${word.text} needs a value`);
    return next.text;
  };
  const unknown = (word: ShellWord, name: string): never => {
    const near = nearest(name, [...takesValue, ...switches]);
    const command = which === 'run' ? `${client} run` : client;
    throw new CallgateError('INPUT', `${command} has no flag ${name.length === 1 ? '-' : '--'}${name}`, {
      at: source.at(word.at),
      ...(near === undefined ? {} : { expected: `--${near}?` }),
    });
  };
  for (; i < words.length; i++) {
    const word = words[i];
    if (word === undefined || !word.text.startsWith('-') || word.text === '-') break;
    if (word.text === '--') {
      i++;
      break;
    }
    if (word.text.startsWith('--')) {
      const equals = word.text.indexOf('=');
      const name = word.text.slice(2, equals === -1 ? undefined : equals);
      const given = equals === -1 ? undefined : word.text.slice(equals + 1);
      if (takesValue.has(name)) flags.push({ name, value: given ?? takeValue(word) });
      else if (switches.has(name)) flags.push({ name, value: given ?? 'true' });
      else unknown(word, name);
      continue;
    }
    for (let k = 1; k < word.text.length; k++) {
      const name = word.text[k] ?? '';
      if (takesValue.has(name)) {
        const attached = word.text.slice(k + 1).replace(/^=/, '');
        flags.push({ name, value: attached === '' ? takeValue(word) : attached });
        break;
      }
      if (!switches.has(name)) unknown(word, name);
      flags.push({ name, value: 'true' });
    }
  }
  return { flags, rest: words.slice(i) };
}
