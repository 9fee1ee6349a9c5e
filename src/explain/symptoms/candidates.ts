import type { AbiName } from '../../syscalls/abi.js';
import type { Catalogue } from './catalogue.js';
import { type Evidence, machineEvidence, messageEvidence } from './evidence.js';
import { normalForm } from './normalForm.js';

/** A cause that a text may come down to. */
export interface Candidate {
  /** Absent when no call was denied. */
  readonly call?: string;
  /** What to ask about where the call's name alone says too little: `socket(AF_VSOCK, SOCK_STREAM, 0)`. */
  readonly ask?: string;
  /** 0 to 1, in steps of a hundredth. */
  readonly confidence: number;
  readonly errno?: string;
  readonly cause: string;
  readonly fix?: string;
  readonly conditions?: string;
  readonly source: string;
  /** The line that says so, as far as it is not the only one. */
  readonly line?: string;
}

/** A log can be long: its end is looked at, what is not new is skipped, and so are more kinds of lines than this. */
const MOST_CHARACTERS = 8 << 20;
const MOST_LINES = 20_000;
const MOST_CANDIDATES = 8;
const LEAST_CONFIDENCE = 0.12;

interface Found {
  readonly evidence: Evidence;
  readonly line: string;
}

/** Causes that a text speaks for, the likeliest first. The text is a message, or a whole log. */
export function candidatesIn(text: string, catalogue: Catalogue, abi: AbiName): readonly Candidate[] {
  const byCause = new Map<string, Found[]>();
  const seen = new Set<string>();
  const lines = splitLines(text.slice(-MOST_CHARACTERS));
  for (const line of lines) {
    if (seen.size >= MOST_LINES) break;
    const machine = machineEvidence(line, abi);
    const normal = normalForm(line);
    // Two audit records differ in numbers only, and the numbers are what they say.
    const key = machine === undefined ? normal : `${normal} ${machine.ask ?? machine.call ?? ''}`;
    if (key === '' || seen.has(key)) continue;
    seen.add(key);
    for (const evidence of machine === undefined
      ? messageEvidence(line, normal, catalogue, abi)
      : [machine]) {
      const cause = evidence.call ?? `: ${evidence.source}`;
      byCause.set(cause, [...(byCause.get(cause) ?? []), { evidence, line }]);
    }
  }
  return [...byCause.values()]
    .map((found) => combine(found, lines.length > 1))
    .filter(({ candidate }) => candidate.confidence >= LEAST_CONFIDENCE)
    .sort((a, b) => a.doubt - b.doubt)
    .slice(0, MOST_CANDIDATES)
    .map(({ candidate }) => candidate);
}

/** A message that a terminal broke is one message; a log is a line each. */
function splitLines(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.length > 1 && lines.length <= 3
    ? [...lines, lines.map((line) => line.trim()).join(' ')]
    : lines;
}

/** Kinds of evidence strengthen each other; more of one kind does not. */
function combine(
  found: readonly Found[],
  many: boolean,
): { readonly candidate: Candidate; readonly doubt: number } {
  const strongest = new Map<Evidence['kind'], Found>();
  for (const one of found) {
    const known = strongest.get(one.evidence.kind);
    if (known === undefined || one.evidence.trust > known.evidence.trust)
      strongest.set(one.evidence.kind, one);
  }
  let doubt = 1;
  for (const { evidence } of strongest.values()) doubt *= 1 - Math.min(0.99, evidence.trust);
  const ranked = [...strongest.values()].sort((a, b) => worth(b) - worth(a));
  const [best] = ranked;
  if (best === undefined) throw new TypeError('a cause without evidence');
  const { call, errno, cause, fix, source } = best.evidence;
  const ask = ranked.map(({ evidence }) => evidence.ask).find((text) => text !== undefined);
  const conditions = ranked.map(({ evidence }) => evidence.conditions).find((text) => text !== undefined);
  const remedy = fix ?? ranked.map(({ evidence }) => evidence.fix).find((text) => text !== undefined);
  const candidate: Candidate = {
    ...(call === undefined ? {} : { call }),
    ...(ask === undefined ? {} : { ask }),
    confidence: Math.round(100 * Math.min(0.99, 1 - doubt)) / 100,
    ...(errno === undefined ? {} : { errno }),
    cause,
    ...(remedy === undefined ? {} : { fix: remedy }),
    ...(conditions === undefined ? {} : { conditions }),
    source,
    ...(many ? { line: best.line.slice(0, 300) } : {}),
  };
  return { candidate, doubt };
}

/** Which evidence tells the cause in the best words. */
function worth({ evidence: { kind, trust } }: Found): number {
  return trust + { record: 1, pattern: 0.5, catalogue: 0.25, name: 0 }[kind];
}
