import { CallgateError } from '../error.js';
import type { Note } from '../profile/profile.js';
import { fail, openSource, type Source } from '../profile/source.js';
import { type Client, type Flag, readFlags } from './runFlags.js';
import { type ShellWord, shellWords } from './shellWords.js';
import type { ContainerWords } from './words.js';

const CLIENTS: Readonly<Record<string, Client>> = {
  docker: 'docker',
  'docker.exe': 'docker',
  podman: 'podman',
  nerdctl: 'nerdctl',
};
const ENGINES = { docker: 'docker', podman: 'podman', nerdctl: 'containerd' } as const;

/**
 * What a pasted `docker run …`, `podman run …` or `nerdctl run …` (or `create`) says of its container. Line
 * continuations, a prompt, `sudo` and variables before it are fine; what follows a `|`, `;` or `&&` is not read.
 *
 * @param file for messages
 * @throws CallgateError `INPUT` with the place in the text
 * @example readRunLine('docker run --rm -it --cap-add SYS_NICE debian:12 numactl --show').capAdd // ['SYS_NICE']
 */
export function readRunLine(text: string, file = '<command line>'): ContainerWords {
  // A prompt that was copied too; without this `# docker run` is a comment.
  const source = openSource(
    text.replace(/^\s*[#$>](?=\s)/, (prompt) => ' '.repeat(prompt.length)),
    file,
  );
  const words = shellWords(source);
  const at = words.findIndex(({ text: word }) => clientOf(word) !== undefined);
  const first = words[at];
  const client = first === undefined ? undefined : clientOf(first.text);
  if (first === undefined || client === undefined) {
    fail(source, words[0]?.at ?? 0, 'this line starts no container', {
      expected: 'docker run …, podman run … or nerdctl run …',
    });
  }
  const global = readFlags(source, words.slice(at + 1), client, 'global');
  const verbs = global.rest[0]?.text === 'container' ? global.rest.slice(1) : global.rest;
  const [verb, ...args] = verbs;
  if (verb?.text !== 'run' && verb?.text !== 'create') {
    fail(source, verb?.at ?? first.at, `this ${client} command starts no container`, {
      expected: `${client} run …`,
    });
  }
  const { flags, rest } = readFlags(source, args, client, 'run');
  const [image, ...command] = rest;
  if (image === undefined) fail(source, verb.at, `${client} ${verb.text} without an image`);
  return {
    ...fromFlags(flags, client, source),
    title: `${client} ${verb.text}`,
    engine: ENGINES[client],
    image: image.text,
    command: command.map(({ text: word }) => word),
  };
}

/**
 * Flags of `docker run` alone, as GitHub Actions' `container.options` and devcontainer's `runArgs` have them.
 *
 * @throws CallgateError `INPUT` with the place in the text
 */
export function readRunOptions(source: Source, words: readonly ShellWord[]): ContainerWords {
  const { flags, rest } = readFlags(source, words, 'docker', 'run');
  const [extra] = rest;
  if (extra !== undefined) {
    fail(source, extra.at, `${JSON.stringify(extra.text)} is no flag`, {
      expected: 'flags of docker run only',
    });
  }
  return { title: 'docker run', engine: 'docker', command: [], ...fromFlags(flags, 'docker', source) };
}

function clientOf(word: string): Client | undefined {
  const name = word.slice(word.lastIndexOf('/') + 1);
  return Object.hasOwn(CLIENTS, name) ? CLIENTS[name] : undefined;
}

type Flagged = Omit<ContainerWords, 'title' | 'image' | 'command' | 'engine'>;

function fromFlags(flags: readonly Flag[], client: Client, source: Source): Flagged {
  const all = (name: string): readonly string[] =>
    flags.flatMap((flag) => (flag.name === name ? [flag.value] : []));
  // pflag's string slices split at commas in podman and nerdctl; docker's own list type does not.
  const list = (name: string): readonly string[] =>
    client === 'docker' ? all(name) : all(name).flatMap((value) => value.split(','));
  const last = (...names: readonly string[]): string | undefined =>
    flags.findLast(({ name }) => names.includes(name))?.value;
  const user = last('u', 'user');
  const platform = last('platform');
  const runtime = last('runtime');
  const known = runtime === undefined ? undefined : knownRuntime(runtime);
  const notes: Note[] = [];
  if (runtime !== undefined && known === undefined) {
    notes.push({
      kind: 'runtime',
      text: `--runtime ${runtime} is a name of the daemon’s; the engine’s own is assumed`,
    });
  }
  return {
    capAdd: list('cap-add'),
    capDrop: list('cap-drop'),
    privileged: isTrue(last('privileged') ?? 'false', source),
    securityOpt: all('security-opt'),
    ...(user === undefined ? {} : { user }),
    ...(platform === undefined ? {} : { platform }),
    ...(known === undefined ? {} : { runtime: known }),
    notes,
  };
}

/** `runc`, `io.containerd.runc.v2`, `/usr/bin/crun`. */
export function knownRuntime(word: string): string | undefined {
  const name = word.slice(word.lastIndexOf('/') + 1);
  if (name.startsWith('io.containerd.runc.')) return 'runc';
  return ['runc', 'crun', 'youki', 'runsc'].includes(name) ? name : undefined;
}

function isTrue(value: string, source: Source): boolean {
  if (/^(?:1|t|true)$/i.test(value)) return true;
  if (/^(?:0|f|false)$/i.test(value)) return false;
  throw new CallgateError('INPUT', `--privileged=${value}`, { at: source.at(0), expected: 'true or false' });
}
