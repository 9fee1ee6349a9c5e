import type { Decoded, DecodedStruct } from './decode.js';
import { decode } from './decode.js';
import { parseJson } from './jsonText.js';
import { describe, memberOf, type Node, quote } from './node.js';
import { collectNotes } from './notes.js';
import type { Profile } from './profile.js';
import { readSource } from './read.js';
import { boolean, list, string, struct } from './shape.js';
import { fail, openSource, type Source } from './source.js';

/** What `docker inspect` says of a container's confinement. */
export interface InspectedContainer {
  /** Container name without the leading slash, empty where the text has none. */
  readonly name: string;
  readonly seccomp: /** Nothing was asked for, or `builtin`: the daemon's default. */
    | { readonly kind: 'default' }
    | { readonly kind: 'unconfined' }
    | { readonly kind: 'profile'; readonly profile: Profile };
  /** As given to `docker run`, unchecked. */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly privileged: boolean;
  readonly noNewPrivileges: boolean;
  /** The profile in effect where the daemon tells, else the one that was asked for; absent: neither. */
  readonly appArmor?: string;
  /** `label=` options: `disable`, `type:svirt_t` … */
  readonly labels: readonly string[];
  /** Paths of /proc and /sys that are hidden; undefined where the text does not tell. */
  readonly maskedPaths?: number;
}

const HOST_CONFIG = struct(
  'HostConfig',
  {
    SecurityOpt: list(string),
    CapAdd: list(string),
    CapDrop: list(string),
    Privileged: boolean,
    MaskedPaths: list(string),
  },
  { partial: true, pointer: true },
);
const CONTAINER = struct(
  'container',
  { Name: string, Id: string, AppArmorProfile: string, HostConfig: HOST_CONFIG },
  { partial: true },
);

/**
 * Reads the output of `docker inspect CONTAINER…` or of `docker inspect --format '{{json .HostConfig}}' CONTAINER`.
 * Positions in the profile are those in the inspect output, where Docker keeps it as one escaped string.
 * @param container Name or beginning of the id, needed where the output describes several containers.
 * @throws CallgateError `INPUT` as readProfile does.
 */
export function readDockerInspect(
  input: string | Uint8Array,
  file: string,
  container?: string,
): InspectedContainer {
  const source = openSource(input, file);
  const { root } = parseJson(source);
  const containers = root.kind === 'array' ? [...root.elements()] : [root];
  return inspected(source, choose(source, root, containers, container));
}

/**
 * As {@link readDockerInspect}, for every container of the output.
 *
 * @throws CallgateError `INPUT` as readProfile does.
 */
export function readDockerInspects(input: string | Uint8Array, file: string): readonly InspectedContainer[] {
  const source = openSource(input, file);
  const { root } = parseJson(source);
  const containers = root.kind === 'array' ? [...root.elements()] : [root];
  return containers.map((node) => inspected(source, node));
}

function inspected(source: Source, chosen: Node): InspectedContainer {
  if (chosen.kind !== 'object') {
    fail(source, chosen.at, `unexpected ${describe(chosen)}`, {
      expected: 'a container, as docker inspect prints it',
    });
  }
  const isWhole = memberOf(chosen, 'HostConfig') !== undefined;
  if (!isWhole && memberOf(chosen, 'SecurityOpt') === undefined) {
    fail(source, chosen.at, 'neither HostConfig nor SecurityOpt in this object', {
      expected: 'a container, as docker inspect prints it',
    });
  }
  const { fields } = decode(source, chosen, isWhole ? CONTAINER : HOST_CONFIG, collectNotes(source));
  const host = isWhole ? fields['HostConfig'] : { kind: 'struct' as const, at: chosen.at, fields };
  const { SecurityOpt, CapAdd, CapDrop, Privileged, MaskedPaths } =
    host?.kind === 'struct' ? host.fields : {};
  const options = items(SecurityOpt).map(({ value }) => value);
  const appArmor = textIn(fields['AppArmorProfile']) || optionValues(options, 'apparmor').at(-1);
  return {
    name: isWhole ? nameOf(fields['Name']) : '',
    seccomp: seccompOf(source, items(SecurityOpt)),
    capAdd: items(CapAdd).map(({ value }) => value),
    capDrop: items(CapDrop).map(({ value }) => value),
    privileged: Privileged?.kind === 'scalar' && Privileged.value === true,
    noNewPrivileges: isNoNewPrivileges(options),
    ...(appArmor === undefined ? {} : { appArmor }),
    labels: optionValues(options, 'label'),
    ...(MaskedPaths?.kind === 'list' ? { maskedPaths: MaskedPaths.length } : {}),
  };
}

function choose(source: Source, root: Node, containers: readonly Node[], wanted: string | undefined): Node {
  const [first, second] = containers;
  if (first === undefined)
    fail(source, root.at, 'no container in this list', { hint: 'docker inspect NAME' });
  const odd = containers.find(({ kind }) => kind !== 'object');
  if (odd !== undefined)
    fail(source, odd.at, `unexpected ${describe(odd)}`, {
      expected: 'a container, as docker inspect prints it',
    });
  const names = containers.map((node) => textOf(node, 'Name').replace(/^\//, ''));
  if (wanted === undefined) {
    if (second === undefined) return first;
    fail(source, second.at, `${containers.length} containers`, {
      expected: `the name of one of them: ${names.slice(0, 20).map(quote).join(', ')}`,
    });
  }
  const index = containers.findIndex(
    (node, i) => names[i] === wanted || textOf(node, 'Id').startsWith(wanted),
  );
  return (
    containers[index] ??
    fail(source, root.at, `no container ${quote(wanted)} here`, {
      expected: names.slice(0, 20).map(quote).join(', '),
    })
  );
}

function textOf(node: Node, key: string): string {
  const member = memberOf(node, key);
  return member?.kind === 'string' ? member.text : '';
}

interface Item {
  readonly value: string;
  readonly at: number;
}

function items(decoded: Decoded | undefined): readonly Item[] {
  if (decoded?.kind !== 'list') return [];
  return decoded.items.slice(0, decoded.length).flatMap((item) => {
    return item?.kind === 'scalar' && typeof item.value === 'string'
      ? [{ value: item.value, at: item.at }]
      : [];
  });
}

function textIn(field: DecodedStruct['fields'][string]): string {
  return field?.kind === 'scalar' ? String(field.value) : '';
}

const nameOf = (name: DecodedStruct['fields'][string]): string => textIn(name).replace(/^\//, '');

/** Values of `KEY=VALUE` and of the old `KEY:VALUE`. */
function optionValues(options: readonly string[], key: string): readonly string[] {
  return options.flatMap((option) =>
    option.startsWith(`${key}=`) || option.startsWith(`${key}:`) ? [option.slice(key.length + 1)] : [],
  );
}

/** Alone, or with a value that strconv.ParseBool of Go reads (moby daemon/daemon_unix.go: parseSecurityOpt). */
function isNoNewPrivileges(options: readonly string[]): boolean {
  const value = optionValues(options, 'no-new-privileges').at(-1);
  return (
    options.includes('no-new-privileges') || (value !== undefined && /^(?:1|t|T|true|True|TRUE)$/.test(value))
  );
}

/** As the daemon's parseSecurityOpt: `=` is looked for first, then the old `:`; the last one counts. */
function seccompOf(source: Source, options: readonly Item[]): InspectedContainer['seccomp'] {
  let choice: InspectedContainer['seccomp'] = { kind: 'default' };
  for (const option of options) {
    const separator = option.value.includes('=') ? '=' : ':';
    const split = option.value.indexOf(separator);
    // A profile with "=" in it behind the old ":" would be split there; what was meant is plain.
    const old = option.value.startsWith('seccomp:');
    if (!old && (split === -1 || option.value.slice(0, split) !== 'seccomp')) continue;
    const value = option.value.slice('seccomp:'.length);
    if (value === 'unconfined') choice = { kind: 'unconfined' };
    else if (value === 'builtin') choice = { kind: 'default' };
    else choice = { kind: 'profile', profile: embedded(source, option.at, value) };
  }
  return choice;
}

function embedded(source: Source, at: number, value: string): Profile {
  if (!/^\s*\{/.test(value)) {
    fail(source, at, `seccomp=${quote(value)} is no profile`, {
      expected: 'the profile’s JSON, as Docker keeps it, or unconfined, or builtin',
      hint: 'if it is the name of a file, read that file',
    });
  }
  const offsets = rawOffsets(source.text, at, 'seccomp='.length, value.length);
  const inner: Source = {
    text: value,
    file: source.file,
    at: (offset) => source.at(offsets[Math.min(offset, value.length)] ?? at),
  };
  const result = readSource(inner, { format: 'json' });
  if (result.kind === 'profile') return result.profile;
  fail(source, at, 'a config.json in place of a profile', { expected: 'a seccomp profile' });
}

/** Where each character of a JSON string's value stands in the text; `skip` characters of the value are left out. */
function rawOffsets(text: string, literal: number, skip: number, length: number): Uint32Array {
  const offsets = new Uint32Array(length + 1);
  let raw = literal + 1;
  for (let i = 0; i < skip + length; i++) {
    if (i >= skip) offsets[i - skip] = raw;
    if (text[raw] === '\\') raw += text[raw + 1] === 'u' ? 6 : 2;
    else raw++;
  }
  offsets[length] = raw;
  return offsets;
}
