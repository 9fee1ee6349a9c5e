import { CallgateError } from '../error.js';
import type { AbiName } from '../syscalls/abi.js';
import { findAbi } from '../syscalls/abis.js';
import { capabilities, capabilityName } from '../syscalls/capabilities.js';
import { nearestWords } from '../syscalls/nearest.js';
import type { EngineName, RuntimeName } from './context.js';
import { type DistroWord, distroWords } from './distro.js';
import type { Versioned } from './versioned.js';

/** Anything that has a policy, as one word of the command line names it. Versions are words, not yet looked up. */
export type Target =
  | ContextTarget
  /** A profile: Docker's, OCI's, or the Security Profiles Operator's layout. */
  | { readonly kind: 'file'; readonly path: string }
  /** `linux.seccomp` of an OCI config.json. */
  | { readonly kind: 'oci'; readonly path: string }
  | { readonly kind: 'pid'; readonly pid: number }
  | { readonly kind: 'container'; readonly name: string }
  | { readonly kind: 'bpf'; readonly path: string }
  /** Output of `docker inspect`. */
  | { readonly kind: 'inspect'; readonly path: string }
  | { readonly kind: 'unconfined' };

/** A context in one word; what is absent has the context's default. */
export interface ContextTarget {
  readonly kind: 'context';
  /** A distribution's release, which stands for what it packages. */
  readonly distro?: DistroWord;
  readonly engine?: Versioned<EngineName>;
  readonly runtime?: Versioned<RuntimeName>;
  readonly libseccomp?: string;
  readonly kernel?: string;
  readonly arch?: AbiName;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly privileged: boolean;
  readonly unconfined: boolean;
}

const ENGINES: Readonly<Record<string, EngineName>> = {
  docker: 'docker',
  moby: 'docker',
  podman: 'podman',
  buildah: 'buildah',
  containerd: 'containerd',
  'cri-o': 'cri-o',
  crio: 'cri-o',
};
const RUNTIMES: Readonly<Record<string, RuntimeName>> = {
  runc: 'runc',
  crun: 'crun',
  youki: 'youki',
  runsc: 'runsc',
  gvisor: 'runsc',
};

/** Every engine, by its own name. */
export const engineNames: readonly EngineName[] = [...new Set(Object.values(ENGINES))];
/** Every runtime, by its own name. */
export const runtimeNames: readonly RuntimeName[] = [...new Set(Object.values(RUNTIMES))];

const EXPECTED =
  'docker@VERSION+runc@VERSION+…, debian@VERSION, FILE.json, FILE.yaml, oci:FILE, pid:N, container:NAME, bpf:FILE, inspect:FILE or unconfined';

/**
 * Reads a target.
 *
 * @throws CallgateError `USAGE`
 * @example parseTarget('docker@24.0.9+runc@1.1.12+SYS_ADMIN')
 * @example parseTarget('pid:1234') // { kind: 'pid', pid: 1234 }
 */
export function parseTarget(word: string): Target {
  if (word === '') throw new CallgateError('USAGE', 'a target is missing', { expected: EXPECTED });
  if (word === 'unconfined') return { kind: 'unconfined' };
  const prefixed = /^(oci|bpf|inspect|container|pid|file):(.*)$/s.exec(word);
  if (prefixed !== null) return withPrefix(prefixed[1] ?? '', prefixed[2] ?? '', word);
  if (/\.(json|ya?ml|jsonc)$/i.test(word) || /^\.{0,2}\//.test(word)) return { kind: 'file', path: word };
  return parseContextTarget(word);
}

function withPrefix(prefix: string, rest: string, word: string): Target {
  if (rest === '')
    throw new CallgateError('USAGE', `"${word}" names nothing after the colon`, { expected: EXPECTED });
  switch (prefix) {
    case 'pid': {
      const pid = /^[0-9]{1,10}$/.test(rest) ? Number(rest) : 0;
      if (pid < 1 || pid > 0x7fffffff)
        throw new CallgateError('USAGE', `"${rest}" is not a process id`, { expected: 'pid:1234' });
      return { kind: 'pid', pid };
    }
    case 'container':
      return { kind: 'container', name: rest };
    case 'oci':
    case 'bpf':
    case 'inspect':
    case 'file':
      return { kind: prefix, path: rest };
    default:
      throw new RangeError(prefix);
  }
}

type Parts = { -readonly [Key in keyof ContextTarget]: ContextTarget[Key] };

/** A context's word: parts joined by `+`, in any order. */
export function parseContextTarget(word: string): ContextTarget {
  const parts: Parts = { kind: 'context', capAdd: [], capDrop: [], privileged: false, unconfined: false };
  for (const part of word.split('+')) readPart(part, parts, word);
  return parts;
}

function readPart(part: string, parts: Parts, whole: string): void {
  const at = part.indexOf('@');
  const name = (at < 0 ? part : part.slice(0, at)).toLowerCase();
  const version = at < 0 ? undefined : part.slice(at + 1);
  if (version === '')
    throw new CallgateError('USAGE', `"${part}" has no version after the @`, {
      hint: `write ${name}@VERSION, or ${name} for the newest`,
    });
  const engine = own(ENGINES, name);
  const runtime = own(RUNTIMES, name);
  const versioned = version === undefined ? {} : { version };
  if (distroWords.includes(name)) {
    if (version === undefined)
      throw new CallgateError('USAGE', `"${part}" names no release of ${name}`, {
        hint: `write ${name}@VERSION`,
      });
    parts.distro = once(parts.distro, { name, version }, 'distribution', whole);
  } else if (engine !== undefined) {
    parts.engine = once(parts.engine, { name: engine, ...versioned }, 'engine', whole);
  } else if (runtime !== undefined) {
    parts.runtime = once(parts.runtime, { name: runtime, ...versioned }, 'runtime', whole);
  } else if (version !== undefined) {
    if (name === 'libseccomp') parts.libseccomp = once(parts.libseccomp, version, 'libseccomp', whole);
    else if (name === 'linux' || name === 'kernel')
      parts.kernel = once(parts.kernel, version, 'kernel', whole);
    else throw unknownPart(name, whole);
  } else if (name === 'privileged') parts.privileged = true;
  else if (name === 'unconfined') parts.unconfined = true;
  else readBareWord(part, parts, whole);
}

function readBareWord(part: string, parts: Parts, whole: string): void {
  const arch = findAbi(part);
  if (arch !== undefined) {
    parts.arch = once(parts.arch, arch, 'architecture', whole);
    return;
  }
  const dropped = part.startsWith('-');
  const cap = dropped ? part.slice(1) : part;
  const name = cap.toUpperCase() === 'ALL' ? 'ALL' : capabilityName(cap);
  if (name === undefined) throw unknownPart(part, whole);
  if (dropped) parts.capDrop = [...parts.capDrop, name];
  else parts.capAdd = [...parts.capAdd, name];
}

function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function once<Value>(before: Value | undefined, value: Value, what: string, whole: string): Value {
  if (before === undefined) return value;
  throw new CallgateError('USAGE', `"${whole}" names two of ${what}`, { hint: `leave one ${what} out` });
}

function unknownPart(part: string, whole: string): CallgateError {
  if (/^(ds|dfsg|deb|ubuntu|b)[0-9]/.test(part)) {
    return new CallgateError(
      'USAGE',
      `"${part}" of "${whole}" is a distribution's suffix, not part of a release`,
      { hint: 'leave it out, or name the distribution for all that it packages: debian@12' },
    );
  }
  const words = [
    ...Object.keys(ENGINES),
    ...Object.keys(RUNTIMES),
    ...distroWords,
    'libseccomp',
    'linux',
    'unconfined',
    'privileged',
  ];
  const caps = capabilities.map(({ name }) => name.slice('CAP_'.length));
  const near = nearestWords(part, [...words, ...caps]);
  return new CallgateError(
    'USAGE',
    `"${part}" is not an engine, a runtime, an architecture or a capability`,
    {
      expected: EXPECTED,
      ...(near.length > 0 ? { hint: `did you mean ${near.join(', ')}?` } : {}),
    },
  );
}
