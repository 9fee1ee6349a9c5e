import { buildProfile } from './build.js';
import { decode } from './decode.js';
import { type Leniency, parseJson } from './jsonText.js';
import { DOCKER, OCI, OCI_CONFIG, SPO } from './layouts.js';
import { describe, memberOf, type Node, quote } from './node.js';
import { collectNotes, type Notes } from './notes.js';
import type { Profile } from './profile.js';
import { fail, openSource, type Source } from './source.js';
import { parseYaml } from './yamlText.js';

/** What is known of the file before it is read. */
export interface ReadOptions {
  /** Default: JSON where the text begins with `{` or `[`, else by the file's ending, else by the look of the text. */
  readonly format?: 'json' | 'yaml';
  /**
   * How to take a plain profile, one that is neither a config.json nor a SeccompProfile: Docker's layout (the default, which
   * holds all fields of the other) or linux.seccomp, where Docker's own fields mean nothing (containerd's Localhost profiles).
   */
  readonly dialect?: 'docker' | 'oci';
}

/** What a document says about seccomp. */
export type ReadResult =
  | { readonly kind: 'profile'; readonly profile: Profile }
  /** A config.json without linux.seccomp. */
  | { readonly kind: 'unconfined' };

/**
 * Reads a seccomp profile: Docker's JSON (also Podman's and CRI-O's), `linux.seccomp` on its own or in a bundle's
 * config.json, or the Security Profiles Operator's SeccompProfile in YAML or JSON. JSON is taken as leniently and as strictly
 * as Go's encoding/json takes it into the engines' structs, save for comments and trailing commas, which get a note.
 * Words (actions, operators, architectures …) are kept unchecked: see validateProfile.
 * @param file Name for positions; its ending tells YAML from JSON.
 * @throws CallgateError `INPUT` with file, line and column, what was expected and a hint.
 * @example
 * readProfile('{"defaultAction": "SCMP_ACT_ALLOW"}', 'profile.json').defaultAction // 'SCMP_ACT_ALLOW'
 */
export function readProfile(input: string | Uint8Array, file: string, options: ReadOptions = {}): Profile {
  const source = openSource(input, file);
  const result = readSource(source, options);
  if (result.kind === 'profile') return result.profile;
  fail(source, 0, 'the config.json has no linux.seccomp: its container runs unconfined', {
    expected: 'a seccomp profile',
  });
}

/**
 * Reads a bundle's config.json, which may well have no seccomp at all.
 * @throws CallgateError `INPUT` as readProfile does, and for a text that is a profile but no config.json.
 */
export function readOciConfig(input: string | Uint8Array, file: string): ReadResult {
  const source = openSource(input, file);
  const { root, leniency } = parseJson(source);
  if (root.kind === 'object' && !isConfig(root)) {
    fail(source, root.at, 'neither ociVersion nor linux', { expected: 'the config.json of an OCI bundle' });
  }
  return readConfig(source, root, startNotes(source, leniency));
}

/** As readProfile, for a text whose positions are its owner's business. */
export function readSource(source: Source, options: ReadOptions = {}): ReadResult {
  if ((options.format ?? guessFormat(source)) === 'yaml') return readYaml(source, options);
  const { root, leniency } = parseJson(source);
  return readRoot(source, root, startNotes(source, leniency), options);
}

function guessFormat(source: Source): 'json' | 'yaml' {
  const start = /[^\s\uFEFF]/.exec(source.text)?.[0];
  if (start === '{' || start === '[' || start === '/') return 'json';
  if (/\.ya?ml$/i.test(source.file)) return 'yaml';
  if (/\.json$/i.test(source.file)) return 'json';
  return /^\uFEFF?\s*(---|%YAML|#|[A-Za-z]\w*\s*:(\s|$))/.test(source.text.slice(0, 1000)) ? 'yaml' : 'json';
}

function startNotes(source: Source, { comments, trailingCommas }: Leniency): Notes {
  const notes = collectNotes(source);
  const refused = 'Docker and every other JSON reader of a container engine refuse such a file';
  if (comments.count > 0) notes.add('comment', `${comments.count} comment(s): ${refused}`, comments.first);
  if (trailingCommas.count > 0) {
    notes.add(
      'trailing-comma',
      `${trailingCommas.count} trailing comma(s): ${refused}`,
      trailingCommas.first,
    );
  }
  return notes;
}

function readYaml(source: Source, options: ReadOptions): ReadResult {
  const documents = parseYaml(source).filter((node) => node.kind !== 'null');
  const [first] = documents;
  if (first === undefined)
    fail(source, 0, 'the YAML text holds no document', { expected: 'a SeccompProfile' });
  const profiles = documents.filter(isSeccompProfile);
  const [chosen, second] = profiles;
  if (second !== undefined) {
    fail(source, second.at, 'a second SeccompProfile in the same text', {
      hint: 'put each into a file of its own',
    });
  }
  const notes = collectNotes(source);
  if (chosen === undefined && memberOf(first, 'apiVersion') === undefined) {
    notes.add('yaml', 'container engines read this layout as JSON only', first.at);
  }
  return readRoot(source, chosen ?? first, notes, options);
}

function readRoot(source: Source, root: Node, notes: Notes, options: ReadOptions): ReadResult {
  if (root.kind === 'null') {
    notes.add('empty', 'null is read as an empty profile, with which Docker leaves seccomp off', root.at);
  } else if (root.kind !== 'object') {
    fail(source, root.at, `unexpected ${describe(root)}`, {
      expected: 'an object',
      ...(root.kind === 'array'
        ? { hint: 'is this the output of docker inspect? read it as inspect:FILE' }
        : {}),
    });
  }
  if (isSeccompProfile(root)) return { kind: 'profile', profile: readSpo(source, root, notes) };
  const kind = memberOf(root, 'kind');
  if (kind?.kind === 'string' && memberOf(root, 'apiVersion') !== undefined) {
    fail(source, kind.at, `a Kubernetes object of kind ${quote(kind.text)}`, {
      expected: '"SeccompProfile"',
    });
  }
  if (isConfig(root)) return readConfig(source, root, notes);
  const dialect = options.dialect ?? 'docker';
  const decoded = decode(source, root, dialect === 'docker' ? DOCKER : OCI, notes);
  return { kind: 'profile', profile: buildProfile(source, dialect, decoded, notes) };
}

function isConfig(root: Node): boolean {
  return memberOf(root, 'linux') !== undefined || memberOf(root, 'ociVersion') !== undefined;
}

function isSeccompProfile(root: Node): boolean {
  const version = memberOf(root, 'apiVersion');
  const kind = memberOf(root, 'kind');
  return (
    version?.kind === 'string' &&
    version.text.startsWith('security-profiles-operator.x-k8s.io/') &&
    kind?.kind === 'string' &&
    kind.text === 'SeccompProfile'
  );
}

function readSpo(source: Source, root: Node, notes: Notes): Profile {
  const spec = memberOf(root, 'spec');
  if (spec?.kind !== 'object') {
    fail(source, spec?.at ?? root.at, 'a SeccompProfile without a spec', { expected: 'spec: an object' });
  }
  const decoded = decode(source, spec, SPO, notes);
  const base = decoded.fields['baseProfileName'];
  if (base?.kind === 'scalar') {
    notes.add(
      'base-profile',
      `the rules of ${quote(String(base.value))} (baseProfileName) are not here and not counted`,
      base.at,
    );
  }
  const disabled = decoded.fields['disabled'];
  if (disabled?.kind === 'scalar' && disabled.value === true) {
    notes.add('disabled', 'the operator does not install a profile that is disabled', disabled.at);
  }
  return buildProfile(source, 'spo', decoded, notes);
}

function readConfig(source: Source, root: Node, notes: Notes): ReadResult {
  if (root.kind !== 'object')
    fail(source, root.at, `unexpected ${describe(root)}`, { expected: 'an object' });
  const { linux } = decode(source, root, OCI_CONFIG, notes).fields;
  const seccomp = linux?.kind === 'struct' ? linux.fields['seccomp'] : undefined;
  if (seccomp?.kind !== 'struct') return { kind: 'unconfined' };
  return { kind: 'profile', profile: buildProfile(source, 'oci', seccomp, notes) };
}
