import type { ValueKind } from './valueKind.js';
import {
  engineWords,
  kernels,
  kubernetesReleases,
  libseccomps,
  runtimeWords,
  targetWords,
} from './versions.js';

export interface Candidate {
  readonly word: string;
  /** Shown beside it where the shell can. */
  readonly about?: string;
}

export interface Candidates {
  readonly candidates: readonly Candidate[];
  /** Names of files or directories are meant too; the shell knows them better. */
  readonly paths?: 'file' | 'directory';
}

/** What a value can go on to, each candidate a whole word that begins with the given one; the first is the likeliest. */
export async function candidatesFor(kind: ValueKind, word: string): Promise<Candidates> {
  switch (kind) {
    case 'free':
      return { candidates: [] };
    case 'file':
      return { candidates: [], paths: 'file' };
    case 'directory':
      return { candidates: [], paths: 'directory' };
    case 'target':
      return targetCandidates(word);
    case 'securityOpt':
      return securityOptCandidates(word);
    case 'engine':
      return inList(word, plain(await engineWords(lastPart(word, ','))));
    case 'runtime':
      return inList(word, plain(await runtimeWords(lastPart(word, ','))));
    case 'libseccomp':
      return inList(word, plain(await libseccomps()));
    case 'calls':
      return inList(word, await calls());
    case 'callsAndSets':
      return inList(word, [...(await calls()), ...(await sets())]);
    case 'capability':
      return inList(word, await capabilityWords(lastPart(word, ',')));
    case 'program':
      return inList(word, plain((await import('../../lint/preflight.js')).startupIds));
    case 'preset':
      return inList(word, await presetWords());
    case 'linux':
      return only(word, plain(await kernels()));
    case 'kubernetes':
      return only(word, plain(await kubernetesReleases()));
    case 'kubernetesProfile':
      return only(word, plain(['RuntimeDefault', 'Unconfined', 'Localhost:', 'node=']));
    case 'userns':
      return only(word, plain(['host', 'private']));
    case 'platform':
      return only(
        word,
        (await architectures()).map((one) => ({ ...one, word: `linux/${one.word}` })),
      );
    case 'architecture':
      return only(word, await architectures());
    case 'abi':
      return only(
        word,
        plain([...(await import('../../syscalls/abis.js')).abis.map(({ name }) => name), 'all']),
      );
    case 'errno':
      return only(word, await errnos());
  }
}

const plain = (words: readonly string[]): readonly Candidate[] => words.map((word) => ({ word }));

const only = (word: string, candidates: readonly Candidate[]): Candidates => ({
  candidates: candidates.filter((one) => one.word.startsWith(word)),
});

function lastPart(word: string, separator: string): string {
  return word.slice(startOfLast(word, separator));
}

/** Commas and pluses in a call's brackets are its own. */
function startOfLast(word: string, separator: string): number {
  let depth = 0;
  let start = 0;
  for (const [index, character] of [...word].entries()) {
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === separator && depth <= 0) start = index + 1;
  }
  return start;
}

/** Completes the last part of a list with commas. */
function inList(word: string, candidates: readonly Candidate[]): Candidates {
  return behind(word, startOfLast(word, ','), candidates);
}

function behind(word: string, start: number, candidates: readonly Candidate[]): Candidates {
  const before = word.slice(0, start);
  const taken = new Set(before.split(/[,+]/));
  return only(
    word,
    candidates.filter((one) => !taken.has(one.word)).map((one) => ({ ...one, word: `${before}${one.word}` })),
  );
}

const FILE_PREFIXES = ['oci:', 'bpf:', 'inspect:', 'file:'];
const TARGET_PREFIXES = [...FILE_PREFIXES, 'pid:', 'container:'];

/** One word for a context has parts with a plus between them; other targets are files, or begin with what they are. */
async function targetCandidates(word: string): Promise<Candidates> {
  if (FILE_PREFIXES.some((prefix) => word.startsWith(prefix))) return { candidates: [], paths: 'file' };
  if (TARGET_PREFIXES.some((prefix) => word.startsWith(prefix))) return { candidates: [] };
  const start = startOfLast(word, '+');
  const words = plain(await targetWords(word.slice(start), start === 0));
  if (start > 0) return behind(word, start, [...words, ...(await capabilityWords(word.slice(start)))]);
  return { ...only(word, [...words, ...plain(TARGET_PREFIXES)]), paths: 'file' };
}

async function securityOptCandidates(word: string): Promise<Candidates> {
  const [, name] = /^(seccomp|apparmor)[=:]/.exec(word) ?? [];
  const options = [
    'seccomp=unconfined',
    'seccomp=builtin',
    'no-new-privileges',
    'apparmor=docker-default',
    'apparmor=unconfined',
  ];
  const { candidates } = only(word, plain(options));
  return name === 'seccomp' ? { candidates, paths: 'file' } : { candidates };
}

async function calls(): Promise<readonly Candidate[]> {
  const [{ syscallNames }, { purposeOf }] = await Promise.all([
    import('../../syscalls/libseccomp.js'),
    import('../../syscalls/purpose.js'),
  ]);
  return [...syscallNames].sort().map((name) => described(name, purposeOf(name)?.purpose));
}

async function sets(): Promise<readonly Candidate[]> {
  const { syscallSets } = await import('../../syscalls/sets.js');
  return syscallSets.map(({ name, purpose }) => described(name, purpose));
}

async function presetWords(): Promise<readonly Candidate[]> {
  const { presets } = await import('../../explain/presets.js');
  return presets.map(({ name, purpose }) => described(name, purpose));
}

/** As docker writes them, without CAP_ unless that is how the word begins. */
async function capabilityWords(word: string): Promise<readonly Candidate[]> {
  const { capabilities } = await import('../../syscalls/capabilities.js');
  const [sign = ''] = /^-/.exec(word) ?? [];
  const whole = /^-?CAP_/.test(word);
  return [
    described(`${sign}ALL`, 'every capability'),
    ...capabilities.map(({ name, purpose }) =>
      described(sign + (whole ? name : name.slice('CAP_'.length)), purpose),
    ),
  ];
}

async function architectures(): Promise<readonly Candidate[]> {
  const { abis } = await import('../../syscalls/abis.js');
  return abis.flatMap(({ goarch, name }) => (goarch === undefined ? [] : [described(goarch, name)]));
}

async function errnos(): Promise<readonly Candidate[]> {
  const { constantGroup } = await import('../../syscalls/constants.js');
  return plain([...(constantGroup('ERRNO', 'x86_64')?.members.keys() ?? [])]);
}

const described = (word: string, about: string | undefined): Candidate =>
  about === undefined ? { word } : { word, about };
