import json from '../../../data/symptom-patterns.json' with { type: 'json' };

/** What messages of one kind of program come down to. */
export interface Pattern {
  readonly id: string;
  readonly match: readonly RegExp[];
  /** The likeliest first; empty when no call was denied. */
  readonly calls: readonly PatternCall[];
  readonly errno?: string;
  readonly cause: string;
  readonly fix: string;
  readonly source: string;
}

interface PatternCall {
  readonly call: string;
  /** With arguments, where the profile looks at them: what to ask for. */
  readonly ask?: string;
  readonly trust: number;
}

interface Row {
  readonly id?: string;
  readonly match: readonly string[];
  readonly calls: readonly (readonly (string | number)[])[];
  readonly errno?: string;
  readonly cause: string;
  readonly fix: string;
  readonly source: string;
}

function toPattern({ id = 'generic', match, calls, ...rest }: Row): Pattern {
  return {
    id,
    match: match.map((source) => new RegExp(source)),
    calls: calls.map(([word, trust]) => toCall(String(word), Number(trust))),
    ...rest,
  };
}

function toCall(word: string, trust: number): PatternCall {
  const call = word.replace(/\(.*$/, '');
  return { call, trust, ...(call === word ? {} : { ask: word }) };
}

export const patterns: readonly Pattern[] = json.patterns.map(toPattern);

/** For a line that says nothing but that something was not permitted. */
export const genericPattern: Pattern = toPattern(json.generic);

/** The call that a library function makes. */
export const callOfFunction: ReadonlyMap<string, string> = new Map(
  json.functions.flatMap(({ names, call }) => names.map((name) => [name, call] as const)),
);

/** Names of calls that are words of English or names of commands: they count only where they are written as a call. */
export const plainWords: ReadonlySet<string> = new Set(json.plainWords);
