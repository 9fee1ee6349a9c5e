import { CallgateError } from '../../error.js';

/** What a `docker run` line says about seccomp and capabilities, and the command that it runs. */
export interface RunLine {
  readonly engine: 'docker' | 'podman';
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly privileged: boolean;
  readonly unconfined: boolean;
  /** `--security-opt seccomp=FILE`: the file is not in the line. */
  readonly profile?: string;
  readonly runtime?: string;
  readonly platform?: string;
  readonly image?: string;
  readonly command: readonly string[];
}

const START = /^\s*(?:\$\s+)?(?:sudo\s+)?(docker|podman|nerdctl)(?:\s+container)?\s+(?:run|create)\s+/;

/** Options of docker run that take no value; every other long option takes one. */
const SWITCHES = new Set([
  '--detach',
  '--init',
  '--interactive',
  '--no-healthcheck',
  '--oom-kill-disable',
  '--privileged',
  '--publish-all',
  '--quiet',
  '--read-only',
  '--rm',
  '--sig-proxy',
  '--tty',
  '--disable-content-trust',
  '--replace',
  '--help',
]);
/** Short ones, which may stand together: `-it`. */
const SHORT_SWITCHES = /^-[ditPq]+$/;

export function isRunLine(text: string): boolean {
  return START.test(text);
}

/**
 * @throws CallgateError `INPUT` for a quote that is not closed
 * @example readRunLine('docker run --rm --cap-add SYS_NICE alpine numactl').capAdd // ['SYS_NICE']
 */
export function readRunLine(text: string): RunLine {
  const start = START.exec(text);
  const words = shellWords(text.slice(start?.[0].length ?? 0));
  const values = new Map<string, string[]>();
  const add = (name: string, value: string): void =>
    void values.set(name, [...(values.get(name) ?? []), value]);
  let index = 0;
  for (; index < words.length; index++) {
    const word = words[index] ?? '';
    if (!word.startsWith('-') || word === '--') break;
    const [, name = word, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    if (value !== undefined) add(name, value);
    else if (SWITCHES.has(word) || SHORT_SWITCHES.test(word)) add(word, 'true');
    else add(word, words[++index] ?? '');
  }
  const [image, ...command] = words.slice(words[index] === '--' ? index + 1 : index);
  const all = (name: string): readonly string[] => values.get(name) ?? [];
  const seccomp = all('--security-opt')
    .flatMap((option) => /^seccomp[=:](.*)$/s.exec(option)?.[1] ?? [])
    .at(-1);
  const [runtime, platform] = [all('--runtime').at(-1), all('--platform').at(-1)];
  const privileged = all('--privileged').at(-1);
  return {
    engine: start?.[1] === 'podman' ? 'podman' : 'docker',
    capAdd: all('--cap-add').flatMap((value) => value.split(',')),
    capDrop: all('--cap-drop').flatMap((value) => value.split(',')),
    privileged: privileged !== undefined && privileged !== 'false',
    unconfined: seccomp === 'unconfined',
    ...(seccomp === undefined || seccomp === 'unconfined' ? {} : { profile: seccomp }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(platform === undefined ? {} : { platform }),
    ...(image === undefined ? {} : { image }),
    command,
  };
}

/** Words as a POSIX shell splits them: quotes, backslashes, continued lines; nothing is expanded. */
function shellWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote !== '') {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"') word = (word ?? '') + text.charAt(++at);
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (char === '\\') {
      const next = text.charAt(++at);
      if (next !== '\n') word = (word ?? '') + next;
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + char;
  }
  if (quote !== '') throw new CallgateError('INPUT', `a ${quote} is not closed in this command line`);
  return word === undefined ? words : [...words, word];
}
