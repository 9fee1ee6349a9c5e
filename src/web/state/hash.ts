import type { EngineName } from '../../engine/context.js';
import { type VerdictKind, verdictKinds } from '../core/verdictKinds.js';
import { type ContextWords, defaultWords, type WrittenProfile } from '../core/words.js';
import { pack, unpack } from './pack.js';

export const views = ['map', 'compare', 'fix', 'profile', 'filter', 'live'] as const;
export type View = (typeof views)[number];

/** All that a link carries. */
export interface Place {
  readonly view: View;
  readonly words: ContextWords;
  /** The other side of a comparison. */
  readonly other: ContextWords;
  /** The call whose cell is open, or that is traced. */
  readonly call: string;
  readonly search: string;
  /** Kinds of verdicts that the map shows; none: all. */
  readonly only: readonly VerdictKind[];
  /** What was pasted into the fix view. */
  readonly text: string;
}

const ENGINES: readonly string[] = [
  'docker',
  'containerd',
  'podman',
  'cri-o',
  'buildah',
] satisfies readonly EngineName[];
/** Browsers and chats cut longer links. */
const MOST_PACKED = 24_000;

/** A place as the part of a link behind `#`; what is as it is by default is left out. */
export async function toHash(place: Place): Promise<string> {
  const params = new URLSearchParams();
  await putWords(params, '', place.words);
  if (place.view === 'compare') await putWords(params, 'to.', place.other);
  put(params, 'call', place.call);
  put(params, 'find', place.search);
  put(params, 'only', place.only.join(','));
  if (place.view === 'fix' && place.text !== '') put(params, 'text', await pack(place.text));
  const query = params.toString().replaceAll('%40', '@').replaceAll('%2C', ',').replaceAll('%2B', '+');
  return `#/${place.view}${query === '' ? '' : `?${query}`}`;
}

/** Whatever a link says: a word that means nothing is answered by the core, like one that was typed. */
export async function fromHash(hash: string): Promise<Place> {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  // `+` stands for itself: it begins the name of a capability that was added.
  const params = new URLSearchParams(query.replaceAll('+', '%2B'));
  return {
    view: views.find((name) => name === path) ?? 'map',
    words: await takeWords(params, ''),
    other: await takeWords(params, 'to.'),
    call: params.get('call') ?? '',
    search: params.get('find') ?? '',
    only: verdictKinds.filter((kind) => params.get('only')?.split(',').includes(kind)),
    text: await unpacked(params.get('text')),
  };
}

async function putWords(params: URLSearchParams, prefix: string, words: ContextWords): Promise<void> {
  const {
    engine,
    version,
    runtime,
    libseccomp,
    kernel,
    arch,
    capAdd,
    capDrop,
    privileged,
    unconfined,
    profile,
  } = words;
  const isDefault = engine === defaultWords.engine && version === '';
  if (!isDefault) params.set(`${prefix}engine`, version === '' ? engine : `${engine}@${version}`);
  put(params, `${prefix}runtime`, runtime);
  put(params, `${prefix}libseccomp`, libseccomp);
  put(params, `${prefix}kernel`, kernel);
  if (arch !== defaultWords.arch) params.set(`${prefix}arch`, arch);
  const short = (name: string): string => name.replace(/^CAP_/, '');
  const caps = [...capAdd.map((name) => `+${short(name)}`), ...capDrop.map((name) => `-${short(name)}`)];
  put(params, `${prefix}cap`, caps.join(','));
  if (privileged) params.set(`${prefix}privileged`, '1');
  if (unconfined) params.set(`${prefix}unconfined`, '1');
  if (profile === undefined) return;
  const packed = await pack(profile.text);
  if (packed.length > MOST_PACKED) return;
  params.set(`${prefix}name`, profile.name);
  params.set(`${prefix}profile`, packed);
}

async function takeWords(params: URLSearchParams, prefix: string): Promise<ContextWords> {
  const get = (name: string): string => params.get(`${prefix}${name}`) ?? '';
  const [engine = '', version = ''] = get('engine').split('@');
  const caps = get('cap')
    .split(',')
    .filter((word) => word.length > 1);
  const full = (word: string): string => (/^.ALL$/i.test(word) ? 'ALL' : `CAP_${word.slice(1)}`);
  const profile = await takeProfile(params, prefix);
  return {
    engine: (ENGINES.includes(engine) ? engine : defaultWords.engine) as EngineName,
    version,
    runtime: get('runtime'),
    libseccomp: get('libseccomp'),
    kernel: get('kernel'),
    arch: get('arch') === '' ? defaultWords.arch : get('arch'),
    capAdd: caps.filter((word) => word.startsWith('+')).map(full),
    capDrop: caps.filter((word) => word.startsWith('-')).map(full),
    privileged: get('privileged') !== '',
    unconfined: get('unconfined') !== '',
    ...(profile === undefined ? {} : { profile }),
  };
}

async function takeProfile(params: URLSearchParams, prefix: string): Promise<WrittenProfile | undefined> {
  const packed = params.get(`${prefix}profile`);
  if (packed === null) return undefined;
  return { name: params.get(`${prefix}name`) ?? 'profile.json', text: await unpacked(packed) };
}

async function unpacked(packed: string | null): Promise<string> {
  return packed === null ? '' : unpack(packed);
}

function put(params: URLSearchParams, name: string, value: string): void {
  if (value !== '') params.set(name, value);
}
