import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { CallgateError } from '../../src/error.js';
import { PATIENCE } from '../patience.js';
import { random } from '../profile/random.js';
import { minimise, mutate } from './mutate.js';
import type { Target } from './target.js';

/** What one input may take of the processor. */
const MOST_MILLISECONDS = 2000 * PATIENCE;
const DRAWN = 50;
const MOST_KEPT = 4000;

export interface Campaign {
  readonly inputs: number;
  readonly refused: number;
  /** Outcomes that differ: messages without their numbers and quotations, and what targets tell. */
  readonly outcomes: number;
  /** Milliseconds of the slowest input. */
  readonly slowest: number;
}

/** The committed inputs of a target, by file name. */
export function corpus({ name }: Target): readonly (readonly [file: string, input: Uint8Array])[] {
  const directory = join(import.meta.dirname, 'corpus', name);
  return readdirSync(directory)
    .sort()
    .map((file) => [file, Uint8Array.from(readFileSync(join(directory, file)))]);
}

/**
 * Reads one input.
 *
 * @returns the outcome in few words
 * @throws {Error} for a defect: another error than CallgateError, a law that does not hold, or too much time
 */
export function tryInput(
  target: Target,
  input: Uint8Array,
): { readonly outcome: string; readonly milliseconds: number; readonly refused: boolean } {
  const before = process.cpuUsage();
  const [outcome, refused] = outcomeOf(target, input);
  const { user, system } = process.cpuUsage(before);
  const milliseconds = (user + system) / 1000;
  if (milliseconds > MOST_MILLISECONDS)
    throw new Error(`${Math.round(milliseconds)} ms for ${input.length} bytes`);
  return { outcome, milliseconds, refused };
}

function outcomeOf(target: Target, input: Uint8Array): readonly [string, boolean] {
  try {
    return [target.read(input), false];
  } catch (error) {
    if (!(error instanceof CallgateError)) throw error;
    const { message, expected = '', hint = '' } = error;
    const text = [error.code, message, expected, hint].join(' | ');
    return [text.replace(/"(?:[^"\\]|\\.)*"|'[^']*'|[0-9]+|\S{40,}/g, '…').slice(0, 200), true];
  }
}

/**
 * Changes inputs for so long, beginning with the corpus; what has a new outcome is changed further.
 *
 * @throws {Error} for the first defect, with the place of the smallest input that shows it
 */
export function campaign(target: Target, seed: number, milliseconds: number): Campaign {
  const source = random(seed);
  const kept = corpus(target).map(([, input]) => input);
  const outcomes = new Set<string>();
  const counts = { inputs: 0, refused: 0, slowest: 0 };
  const end = Date.now() + milliseconds;
  let drawn: (string | Uint8Array)[] = [];
  let draws = 0;
  const draw = (): Uint8Array => {
    if (target.arbitrary === undefined) return source.pick(kept);
    if (drawn.length === 0) drawn = fc.sample(target.arbitrary, { seed: seed + draws++, numRuns: DRAWN });
    const input = drawn.pop() ?? '';
    return typeof input === 'string' ? new TextEncoder().encode(input) : input;
  };
  const directory = join(tmpdir(), 'callgate-fuzz', target.name);
  mkdirSync(directory, { recursive: true });
  // Of a reader that never returns, this tells why.
  const last = join(directory, 'last');
  for (const input of [...kept]) attempt(input);
  while (Date.now() < end) {
    const base = source.below(4) === 0 ? draw() : source.pick(kept);
    attempt(source.below(16) === 0 ? base : mutate(base, source, () => source.pick(kept)));
  }
  return { ...counts, outcomes: outcomes.size };

  function attempt(input: Uint8Array): void {
    counts.inputs++;
    writeFileSync(last, input);
    let result: ReturnType<typeof tryInput>;
    try {
      result = tryInput(target, input);
    } catch (error) {
      throw defect(target, directory, input, error);
    }
    if (result.refused) counts.refused++;
    counts.slowest = Math.max(counts.slowest, result.milliseconds);
    if (outcomes.has(result.outcome)) return;
    outcomes.add(result.outcome);
    if (kept.length < MOST_KEPT) kept.push(input);
  }
}

function defect(target: Target, directory: string, input: Uint8Array, error: unknown): Error {
  const isSlow = error instanceof Error && / ms for /.test(error.message);
  const fails = (shorter: Uint8Array): boolean => {
    try {
      outcomeOf(target, shorter);
      return false;
    } catch {
      return true;
    }
  };
  const least = isSlow ? input : minimise(input, fails);
  const file = join(directory, `defect-${Date.now()}`);
  writeFileSync(file, least);
  return new Error(
    `${target.name}: an input of ${least.length} bytes is a defect; when it is mended, ${file} belongs into the corpus`,
    {
      cause: error,
    },
  );
}
