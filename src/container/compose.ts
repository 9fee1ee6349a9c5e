import { CallgateError } from '../error.js';
import { elementsOf, field, textOf } from '../profile/fields.js';
import { nearest } from '../profile/nearest.js';
import { describe, memberOf, type Node } from '../profile/node.js';
import type { Note } from '../profile/profile.js';
import { fail, openSource, type Source } from '../profile/source.js';
import { yamlDocuments } from '../profile/yamlDocuments.js';
import { documentNode } from '../profile/yamlText.js';
import { interpolate, type Variables } from './interpolate.js';
import { knownRuntime } from './runLine.js';
import { openQuoted, shellWords } from './shellWords.js';
import type { ContainerWords } from './words.js';

/** Services that extend one another in a row; Compose files that people write have one or two. */
const DEEPEST_EXTENDS = 16;
const LIMITS = { documents: 1, lexemes: 250_000 };

/** What a Compose file leaves to whoever reads it. */
export interface ComposeOptions {
  /** Needed where the file has more than one. */
  readonly service?: string;
  readonly variables?: Variables;
  /** Reads the file of `extends: {file: …}`, whose path starts from this file's directory. */
  readonly read?: (path: string) => string | Uint8Array;
}

interface Reading {
  readonly source: Source;
  readonly services: Node;
  readonly options: ComposeOptions;
  readonly notes: Note[];
}

/**
 * What a Compose file says of a service's container: `security_opt`, `cap_add`, `cap_drop`, `privileged`, `platform`,
 * `user`, `runtime`, with `extends`, merge keys and variables.
 *
 * @throws CallgateError `INPUT` with file, line and column
 * @example readCompose('services: {db: {image: postgres, cap_add: [SYS_NICE]}}', 'compose.yaml').capAdd // ['SYS_NICE']
 */
export function readCompose(
  input: string | Uint8Array,
  file: string,
  options: ComposeOptions = {},
): ContainerWords {
  const reading = open(input, file, options, []);
  const { name, node } = chooseService(reading, options.service);
  const words = readService(reading, name, node, 0);
  const slash = file.lastIndexOf('/');
  return {
    ...words,
    title: `the service ${name} of ${file}`,
    engine: 'docker',
    ...(slash === -1 ? {} : { directory: file.slice(0, Math.max(slash, 1)) }),
    notes: reading.notes,
    at: reading.source.at(node.at),
  };
}

function open(input: string | Uint8Array, file: string, options: ComposeOptions, notes: Note[]): Reading {
  const source = openSource(input, file);
  const [document] = yamlDocuments(source, LIMITS);
  const root = document === undefined ? undefined : documentNode(source, document, true);
  const services = field(root, 'services');
  if (services?.kind !== 'object') {
    fail(source, services?.at ?? root?.at ?? 0, 'no services in this file', { expected: 'a Compose file' });
  }
  return { source, services, options, notes };
}

function chooseService(
  { services, source }: Reading,
  wanted: string | undefined,
): { readonly name: string; readonly node: Node } {
  const named = services.kind === 'object' ? [...services.members()] : [];
  const found =
    wanted === undefined && named.length === 1 ? named[0] : named.find(({ key }) => key === wanted);
  if (found !== undefined) return { name: found.key, node: found.value };
  const names = named.map(({ key }) => key);
  if (wanted === undefined) {
    fail(source, services.at, `${names.length} services`, {
      expected: `one of them, as in ${source.file}:${names[0] ?? 'NAME'}; here are ${names.slice(0, 20).join(', ')}`,
    });
  }
  const near = nearest(wanted, names);
  fail(source, services.at, `no service ${JSON.stringify(wanted)} here`, {
    expected: near === undefined ? names.slice(0, 20).join(', ') : `${near}?`,
  });
}

type Service = Omit<ContainerWords, 'title' | 'engine' | 'notes'>;

const NOTHING: Service = { command: [], capAdd: [], capDrop: [], privileged: false, securityOpt: [] };

function readService(reading: Reading, name: string, node: Node, depth: number): Service {
  const { source } = reading;
  if (node.kind !== 'object') {
    fail(source, node.at, `unexpected ${describe(node)}`, { expected: `the service ${name}: a mapping` });
  }
  const base = extended(reading, field(node, 'extends'), depth);
  const text = (key: string): string | undefined => {
    const found = field(node, key);
    const written = textOf(found);
    if (found === undefined) return undefined;
    if (written === undefined)
      fail(source, found.at, `unexpected ${describe(found)}`, { expected: `${key}: a string` });
    return filled(reading, written, found.at);
  };
  const list = (key: string): readonly string[] => texts(reading, key, field(node, key));
  const privileged = text('privileged');
  const runtime = text('runtime');
  const known = runtime === undefined ? undefined : knownRuntime(runtime);
  const image = text('image');
  const user = text('user');
  const platform = text('platform');
  const command = commandOf(reading, field(node, 'command'));
  return {
    ...base,
    ...(image === undefined ? {} : { image }),
    ...(user === undefined ? {} : { user }),
    ...(platform === undefined ? {} : { platform }),
    ...(known === undefined ? {} : { runtime: known }),
    ...(command === undefined ? {} : { command }),
    ...(privileged === undefined
      ? {}
      : { privileged: truth(reading, privileged, memberOf(node, 'privileged')) }),
    // Compose joins the lists of a service and of what it extends.
    capAdd: [...base.capAdd, ...list('cap_add')],
    capDrop: [...base.capDrop, ...list('cap_drop')],
    securityOpt: [...base.securityOpt, ...list('security_opt')],
  };
}

function extended(reading: Reading, node: Node | undefined, depth: number): Service {
  if (node === undefined) return NOTHING;
  const { source, options, notes } = reading;
  if (depth === DEEPEST_EXTENDS) {
    fail(source, node.at, `services extend one another more than ${DEEPEST_EXTENDS} deep`, {
      hint: 'look for a circle',
    });
  }
  const service = textOf(node) ?? textOf(field(node, 'service'));
  if (service === undefined) {
    fail(source, node.at, `unexpected ${describe(node)}`, { expected: 'extends: the name of a service' });
  }
  const file = textOf(field(node, 'file'));
  const from = file === undefined ? reading : openOther(reading, filled(reading, file, node.at), node.at);
  const chosen = chooseService({ ...from, options, notes }, service);
  return readService(from, chosen.name, chosen.node, depth + 1);
}

function openOther({ source, options, notes }: Reading, file: string, at: number): Reading {
  if (options.read === undefined) {
    throw new CallgateError('INPUT', `this service extends one of ${file}, which was not given`, {
      at: source.at(at),
    });
  }
  const slash = source.file.lastIndexOf('/');
  const path = file.startsWith('/') || slash === -1 ? file : `${source.file.slice(0, slash)}/${file}`;
  return open(options.read(path), path, options, notes);
}

function filled({ source, options, notes }: Reading, text: string, at: number): string {
  return interpolate(text, options.variables ?? {}, source, at, (name) => {
    const note = `the variable ${name} is not set; as in Compose it counts as empty`;
    if (!notes.some(({ text: said }) => said === note)) notes.push({ kind: 'variable', text: note });
  });
}

function texts(reading: Reading, key: string, node: Node | undefined): readonly string[] {
  if (node === undefined) return [];
  if (node.kind !== 'array') {
    fail(reading.source, node.at, `unexpected ${describe(node)}`, { expected: `${key}: a list` });
  }
  return elementsOf(node).map((element) => {
    const text = textOf(element);
    if (text === undefined) {
      fail(reading.source, element.at, `unexpected ${describe(element)}`, {
        expected: `${key}: a list of strings`,
      });
    }
    return filled(reading, text, element.at);
  });
}

function commandOf(reading: Reading, node: Node | undefined): readonly string[] | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'array') return texts(reading, 'command', node);
  const text = filled(reading, textOf(node) ?? '', node.at);
  return shellWords(openQuoted(text, reading.source, node.at)).map(({ text: word }) => word);
}

function truth({ source }: Reading, word: string, node: Node | undefined): boolean {
  if (/^(true|yes|on|y|1)$/i.test(word)) return true;
  if (/^(false|no|off|n|0|)$/i.test(word)) return false;
  fail(source, node?.at ?? 0, `privileged: ${JSON.stringify(word)}`, { expected: 'true or false' });
}
