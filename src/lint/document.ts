import type { Profile } from '../profile/profile.js';

/** Keys and indices from a document's root to a place in it. */
export type Path = readonly (string | number)[];

/** A profile's text, and where the profile's values stand in it. */
export interface Document {
  readonly text: string;
  /** Offset of a value, in UTF-16 units; undefined for what the text does not say. */
  readonly offsetOf: (path: Path) => number | undefined;
}

/** The text must be the one that the profile was read from. */
export function openDocument(text: string, profile: Profile): Document {
  let starts: readonly number[] | undefined;
  return {
    text,
    offsetOf: (path) => {
      const at = profile.locate(path);
      if (at === undefined) return undefined;
      starts ??= lineStarts(text);
      const start = starts[at.line - 1];
      return start === undefined ? undefined : start + at.column - 1;
    },
  };
}

/** As src/profile/source.ts counts lines: LF, CR and CR LF end one. */
function lineStarts(text: string): readonly number[] {
  return [0, ...Array.from(text.matchAll(/\r\n|\r|\n/g), (match) => match.index + match[0].length)];
}
