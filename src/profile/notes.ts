import type { Note } from './profile.js';
import type { Source } from './source.js';

/** Notes in the order they are made; only so many, as a hostile text could call for millions. */
export interface Notes {
  /** The text may be a function, which is only called for a note that is kept. */
  readonly add: (kind: string, text: string | (() => string), offset: number) => void;
  readonly all: () => readonly Note[];
}

const MAX_NOTES = 200;

export function collectNotes(source: Source): Notes {
  const notes: Note[] = [];
  let left = 0;
  return {
    add(kind, text, offset) {
      if (notes.length < MAX_NOTES) {
        notes.push({ kind, text: typeof text === 'string' ? text : text(), at: source.at(offset) });
      } else left++;
    },
    all() {
      return left === 0
        ? notes
        : [...notes, { kind: 'more-notes', text: `${left} more notes are not shown` }];
    },
  };
}
