import { ACTIONS, ARCHITECTURES, CONDITION_ARCHES, FLAGS, OPERATORS } from '../profile/words.js';
import { capabilities } from '../syscalls/capabilities.js';
import { syscallNames } from '../syscalls/libseccomp.js';
import { purposeOf } from '../syscalls/purpose.js';
import { placeAt } from './place.js';
import { keysIn } from './profileKeys.js';

/** A word that can stand at a place of a profile. */
export interface Proposal {
  readonly word: string;
  readonly kind: 'key' | 'constant' | 'call' | 'capability';
  readonly about?: string;
}

export interface Proposals {
  /** What they take the place of: offsets in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  /** Whether the place is in quotes already. */
  readonly quoted: boolean;
  readonly proposals: readonly Proposal[];
}

/** Words of a profile for what is being written at an offset: keys by the object around it, values by their key. */
export function proposalsAt(text: string, offset: number): Proposals | undefined {
  const place = placeAt(text, offset);
  if (place === undefined) return undefined;
  const { kind, keys, from, to, quoted } = place;
  const proposals = kind === 'key' ? keysIn(keys.at(-1)).map(keyProposal) : valuesOf(keys.at(-1));
  return proposals.length === 0 ? undefined : { from, to, quoted, proposals };
}

const keyProposal = ({ key, about }: { readonly key: string; readonly about: string }): Proposal => ({
  word: key,
  kind: 'key',
  about,
});

function valuesOf(key: string | undefined): readonly Proposal[] {
  switch (key) {
    case 'action':
    case 'defaultAction':
      return constants(ACTIONS);
    case 'op':
      return constants(OPERATORS);
    case 'architecture':
    case 'subArchitectures':
    case 'architectures':
      return constants(ARCHITECTURES);
    case 'caps':
      return capabilities.map(({ name, purpose }) => ({ word: name, kind: 'capability', about: purpose }));
    case 'names':
    case 'name':
      return calls();
    case 'arches':
      return constants(CONDITION_ARCHES);
    case 'flags':
      return constants(FLAGS);
    default:
      return [];
  }
}

const constants = (words: readonly string[]): readonly Proposal[] =>
  words.map((word) => ({ word, kind: 'constant' }));

let known: readonly Proposal[] | undefined;

function calls(): readonly Proposal[] {
  known ??= syscallNames.map((name): Proposal => {
    const about = purposeOf(name)?.purpose;
    return { word: name, kind: 'call', ...(about === undefined ? {} : { about }) };
  });
  return known;
}
