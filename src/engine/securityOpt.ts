import type { Note, Profile } from '../profile/profile.js';
import { behaves } from './behaviours.js';
import type { EngineName, SeccompChoice } from './context.js';

export interface SecurityInput {
  readonly engine: EngineName;
  readonly version: string;
  /** Release of the docker command, where it is not the daemon's. */
  readonly cliVersion?: string;
  /** Values of `--security-opt`, in order. */
  readonly options: readonly string[];
  readonly privileged: boolean;
  /** The daemon's `seccomp-profile`: a path, `unconfined` or `builtin`. */
  readonly daemonProfile?: string;
  /** False when the kernel has no seccomp filters. */
  readonly kernelSeccomp?: boolean;
}

/** What the options ask for; a file is the caller's to read. */
export type SeccompRequest =
  | { readonly kind: 'default' }
  | { readonly kind: 'unconfined'; readonly reason: string }
  | { readonly kind: 'file'; readonly path: string; readonly by: 'option' | 'daemon' }
  /** In the engine's own words, without the prefix of its command. */
  | { readonly kind: 'error'; readonly message: string; readonly by: 'cli' | 'daemon' };

export interface SecurityOptions {
  readonly seccomp: SeccompRequest;
  readonly noNewPrivileges: boolean;
  /** Options for others (label, apparmor, systempaths …), unread. */
  readonly others: readonly string[];
  readonly notes: readonly Note[];
}

type Failure = Extract<SeccompRequest, { kind: 'error' }>;

/**
 * Reads `--security-opt` as a release of an engine does, with what `--privileged` and the daemon's setting make of it.
 * Nothing is read from disk: `seccomp.kind === 'file'` asks for that.
 *
 * @example readSecurityOptions({ engine: 'docker', version: '28.5.2', options: ['seccomp=unconfined'], privileged: false })
 */
export function readSecurityOptions(input: SecurityInput): SecurityOptions {
  const others: string[] = [];
  const notes: Note[] = [];
  let noNewPrivileges = false;
  let value: string | undefined;
  const stop = (seccomp: Failure): SecurityOptions => ({ seccomp, noNewPrivileges, others, notes });

  for (const option of input.options) {
    const pair = split(option, input);
    if ('kind' in pair) return stop(pair);
    if (pair.colon)
      notes.push({
        kind: 'deprecated',
        text: `"${option}": ":" is deprecated between an option and its value; write "="`,
      });
    switch (pair.key) {
      case 'no-new-privileges': {
        const read = readBool(pair.value ?? 'true');
        if (read === undefined)
          return stop({
            kind: 'error',
            message: `invalid --security-opt 2: ${JSON.stringify(option)}`,
            by: 'daemon',
          });
        noNewPrivileges = read;
        break;
      }
      case 'seccomp': {
        const failure = input.engine === 'docker' ? dockerValueError(pair.value ?? '', input) : undefined;
        if (failure !== undefined) return stop(failure);
        // Podman takes an empty path for none.
        value = pair.value === '' ? undefined : pair.value;
        break;
      }
      case 'label':
      case 'apparmor':
      case 'systempaths':
      case 'mask':
      case 'unmask':
      case 'proc-opts':
      case 'writable-cgroups':
      case 'disable':
        others.push(option);
        break;
      default: {
        const word =
          behaves('docker', input.version, 'daemon-lower-case') || input.engine !== 'docker'
            ? 'invalid'
            : 'Invalid';
        return stop({
          kind: 'error',
          message: `${word} --security-opt 2: ${JSON.stringify(option)}`,
          by: 'daemon',
        });
      }
    }
  }
  return { seccomp: decide(value, input), noNewPrivileges, others, notes };
}

interface Pair {
  readonly key: string;
  readonly value: string | undefined;
  readonly colon: boolean;
}

/** `=` is looked for first, so `seccomp:a=b.json` has the key `seccomp:a`. */
function split(option: string, input: SecurityInput): Pair | Failure {
  const equals = input.engine !== 'docker' || behaves('docker', cli(input), 'security-opt-equals');
  const at = equals && option.includes('=') ? option.indexOf('=') : option.indexOf(':');
  if (at >= 0) {
    const value = option.slice(at + 1);
    const empty =
      value === '' && input.engine === 'docker' && behaves('docker', cli(input), 'security-opt-empty');
    if (empty && option.slice(0, at) !== 'no-new-privileges') return invalid(option, input);
    return { key: option.slice(0, at), value, colon: option[at] === ':' && equals };
  }
  const alone = option === 'no-new-privileges' && equals;
  return alone || option === 'disable'
    ? { key: option, value: undefined, colon: false }
    : invalid(option, input);
}

function invalid(option: string, input: SecurityInput): Failure {
  if (input.engine !== 'docker') {
    return { kind: 'error', message: `invalid --security-opt 1: ${JSON.stringify(option)}`, by: 'cli' };
  }
  const word = behaves('docker', cli(input), 'security-opt-lower-case') ? 'invalid' : 'Invalid';
  return { kind: 'error', message: `${word} --security-opt: ${JSON.stringify(option)}`, by: 'cli' };
}

const cli = (input: SecurityInput): string => input.cliVersion ?? input.version;

/** Go's strconv.ParseBool. */
function readBool(word: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(word)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(word) ? false : undefined;
}

/** `builtin` needs a command and a daemon that know the word; an old command reads a file of that name. */
function dockerValueError(value: string, input: SecurityInput): Failure | undefined {
  if (value === '') return missingFile('', input);
  if (value !== 'builtin') return undefined;
  if (!behaves('docker', cli(input), 'cli-builtin')) return missingFile(value, input);
  const decodes = !behaves('docker', input.version, 'daemon-builtin') || keepsInPrivileged(input);
  return decodes
    ? {
        kind: 'error',
        message: "Decoding seccomp profile failed: invalid character 'b' looking for beginning of value",
        by: 'daemon',
      }
    : undefined;
}

/** Since 27.0.1 a privileged container's word goes straight to the JSON reader (daemon/seccomp_linux.go). */
function keepsInPrivileged(input: SecurityInput): boolean {
  return input.privileged && behaves(input.engine, input.version, 'privileged-profile');
}

function missingFile(path: string, input: SecurityInput): Failure {
  return {
    kind: 'error',
    message: profileFileError(input.engine, path, 'no such file or directory'),
    by: 'cli',
  };
}

function decide(value: string | undefined, input: SecurityInput): SeccompRequest {
  if (value === 'unconfined') return { kind: 'unconfined', reason: '--security-opt seccomp=unconfined' };
  const keeps = behaves(input.engine, input.version, 'privileged-profile');
  if (input.privileged && (!keeps || value === undefined)) {
    const ignored = value === undefined ? '' : `, whose profile ${input.engine} ${input.version} ignores`;
    return { kind: 'unconfined', reason: `--privileged${ignored}` };
  }
  if (input.kernelSeccomp === false && !input.privileged) {
    const custom = value !== undefined && value !== 'builtin';
    if (custom)
      return {
        kind: 'error',
        message: 'seccomp is not enabled in your kernel, cannot run a custom seccomp profile',
        by: 'daemon',
      };
    return { kind: 'unconfined', reason: 'the kernel has no seccomp filters' };
  }
  if (value === 'builtin' && input.engine === 'docker') return { kind: 'default' };
  if (value !== undefined) return { kind: 'file', path: value, by: 'option' };
  return daemonChoice(input);
}

function daemonChoice({ engine, version, daemonProfile }: SecurityInput): SeccompRequest {
  if (daemonProfile === undefined || daemonProfile === '') return { kind: 'default' };
  if (engine !== 'docker') return { kind: 'file', path: daemonProfile, by: 'daemon' };
  if (!behaves('docker', version, 'daemon-profile')) return { kind: 'default' };
  if (behaves('docker', version, 'daemon-builtin')) {
    if (daemonProfile === 'unconfined')
      return { kind: 'unconfined', reason: "the daemon's seccomp-profile is unconfined" };
    if (daemonProfile === 'builtin') return { kind: 'default' };
  }
  return { kind: 'file', path: daemonProfile, by: 'daemon' };
}

/** What the engine's command says of a profile that cannot be read; `reason` is the system's word for it. */
export function profileFileError(engine: EngineName, path: string, reason: string): string {
  switch (engine) {
    case 'docker':
      return `opening seccomp profile (${path}) failed: open ${path}: ${reason}`;
    case 'podman':
    case 'buildah':
      return `opening seccomp profile failed: open ${path}: ${reason}`;
    case 'containerd':
      return `cannot load seccomp profile ${JSON.stringify(path)}: open ${path}: ${reason}`;
    case 'cri-o':
      return `setup seccomp: unable to load local profile ${JSON.stringify(path)}: open ${path}: ${reason}`;
  }
}

/** What a request comes to once its file has been read. */
export function seccompChoice(
  request: Exclude<SeccompRequest, { kind: 'error' }>,
  profile: Profile | undefined,
): SeccompChoice {
  if (request.kind !== 'file') return { kind: request.kind };
  if (profile === undefined) throw new TypeError(`the profile ${request.path} was not read`);
  return { kind: 'profile', profile };
}
