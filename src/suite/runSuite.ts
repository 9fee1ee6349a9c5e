import { CallgateError } from '../error.js';
import { answer, questionOf } from '../explain/answer.js';
import { type Counterexample, proveAlways, proveEquals, proveNever, proveWithin } from '../explain/proof.js';
import { filterReasons } from '../explain/reasons.js';
import type { Usable } from '../explain/usable.js';
import { verdictOf, verdictWord } from '../explain/verdict.js';
import type { AbiName } from '../syscalls/abi.js';
import { type ParsedCall, parseCall } from '../syscalls/call.js';
import { formatCall } from '../syscalls/callText.js';
import { type Expectation, gotWords, readExpectation } from './expectation.js';
import type { ClaimResult, SuiteResult } from './results.js';
import type { Claim, ContextWords, Placed, Suite } from './suite.js';

/** How the words of a suite become policies; targets may be files and processes, which are the caller's to read. */
export interface Targets {
  /** @param words undefined: the context of the command's own flags. */
  readonly context: (
    words: ContextWords | undefined,
    profile: Placed | undefined,
  ) => Promise<Usable | NotStarted>;
  /** A target that a claim compares with, in that context's own flags. */
  readonly other: (target: Placed, words: ContextWords | undefined) => Promise<Usable>;
}

/** No container starts in a context: in the runtime's words. */
export interface NotStarted {
  readonly notStarted: string;
}

type Outcome = Pick<ClaimResult, 'ok' | 'expected' | 'got' | 'reasons'>;

interface Tried {
  readonly words: ContextWords | undefined;
  readonly found: Usable | NotStarted;
}

/**
 * Tries every claim of a suite in its contexts. A context in which no container starts fails its claims, each with the
 * runtime's words; a suite that cannot be read ends the run.
 *
 * @throws CallgateError `INPUT` with the place of a call, verdict or target that means nothing
 */
export async function runSuite(suite: Suite, targets: Targets): Promise<SuiteResult> {
  const tried = new Map<string, Tried>();
  const readers = createReaders();
  const results: ClaimResult[] = [];
  for (const { name: test, claims } of suite.tests) {
    for (const claim of claims) {
      for (const contextName of claim.contexts) {
        const { words, found } = tried.get(contextName) ?? (await tryContext(suite, contextName, targets));
        tried.set(contextName, { words, found });
        const started = 'policy' in found;
        results.push({
          test,
          contextName,
          ...(started ? { context: found.context } : {}),
          claim: claimWords(claim),
          at: claim.kind === 'verdict' ? claim.expected.at : claim.object.at,
          ...(started
            ? await outcomeOf(claim, found, words, targets, readers)
            : { ok: false, expected: expectedWords(claim), got: found.notStarted, reasons: [] }),
        });
      }
    }
  }
  return { file: suite.file, results };
}

async function tryContext(suite: Suite, name: string, targets: Targets): Promise<Tried> {
  const words = suite.contexts.get(name);
  try {
    return { words, found: await targets.context(words, suite.profile) };
  } catch (error) {
    throw atPlace(error, words);
  }
}

/** A flag's error has the place of the command line, which a suite does not have. */
function atPlace(error: unknown, words: ContextWords | undefined): unknown {
  if (!(error instanceof CallgateError) || error.at !== undefined || words === undefined) return error;
  return new CallgateError(error.code, error.message, {
    at: words.at,
    ...(error.expected === undefined ? {} : { expected: error.expected }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
  });
}

function claimWords(claim: Claim): string {
  if (claim.kind === 'verdict') return `${claim.call.text}: ${claim.expected.text}`;
  return `${claim.kind} ${claim.object.text}`;
}

function expectedWords(claim: Claim): string {
  return claim.kind === 'verdict' ? claim.expected.text : claimWords(claim);
}

/** Calls and expectations of a table stand in many rows; each is read once. */
interface Readers {
  readonly call: (placed: Placed, abi: AbiName) => ParsedCall;
  readonly expectation: (placed: Placed, abi: AbiName) => Expectation;
}

function createReaders(): Readers {
  const once = <T>(read: (placed: Placed, abi: AbiName) => T) => {
    const known = new Map<string, T>();
    return (placed: Placed, abi: AbiName): T => {
      const key = `${abi} ${placed.text}`;
      const found = known.get(key) ?? read(placed, abi);
      known.set(key, found);
      return found;
    };
  };
  return {
    call: once((placed, abi) => {
      const { file, line, column } = placed.at;
      return parseCall(placed.text, abi, { file, line, offset: column - 1 });
    }),
    expectation: once(readExpectation),
  };
}

async function outcomeOf(
  claim: Claim,
  usable: Usable,
  words: ContextWords | undefined,
  targets: Targets,
  readers: Readers,
): Promise<Outcome> {
  const { policy, context } = usable;
  switch (claim.kind) {
    case 'verdict':
      return verdictOutcome(claim, usable, readers);
    case 'never':
    case 'always': {
      readers.call(claim.object, context.arch);
      const prove = claim.kind === 'never' ? proveNever : proveAlways;
      return proofOutcome(claim, prove(policy, claim.object.text, context.arch).counterexample, context.arch);
    }
    case 'within':
    case 'equals': {
      const other = await targets.other(claim.object, words);
      const prove = claim.kind === 'within' ? proveWithin : proveEquals;
      return proofOutcome(claim, prove(policy, other.policy, context.arch).counterexample, context.arch);
    }
  }
}

function verdictOutcome(
  { call: written, expected }: Extract<Claim, { kind: 'verdict' }>,
  { policy, context, prediction }: Usable,
  readers: Readers,
): Outcome {
  const call = readers.call(written, context.arch);
  const matches = readers.expectation(expected, call.abi);
  const question = questionOf(call);
  if (question === undefined) {
    return { ok: false, expected: expected.text, got: `${call.abi} has no such call`, reasons: [] };
  }
  const given = answer(policy, question);
  if (matches(given)) return { ok: true, expected: expected.text, got: gotWords(given), reasons: [] };
  const reasons = prediction === undefined ? [] : filterReasons(prediction, question, given.action);
  return {
    ok: false,
    expected: expected.text,
    got: gotWords(given),
    reasons: reasons.map(({ stage, text, source }) =>
      source === undefined ? `${stage}: ${text}` : `${stage}: ${text} (${source})`,
    ),
  };
}

function proofOutcome(claim: Claim, example: Counterexample | undefined, native: AbiName): Outcome {
  const expected = claimWords(claim);
  if (example === undefined) return { ok: true, expected, got: 'proved', reasons: [] };
  const { abi, number, args, syscall, left, right, explanation } = example;
  const last = args.findLastIndex((value) => value !== 0n);
  const shown = args.map((value, index) => (index <= last ? value : undefined));
  const call =
    abi === undefined
      ? `number ${number} of the architecture 0x${example.auditArch.toString(16)}`
      : formatCall({ abi, number, args: shown, ...(syscall === undefined ? {} : { name: syscall }) }, native);
  const answers = verdictWord(verdictOf(left, abi ?? native));
  const other = right === undefined ? '' : `, and there ${verdictWord(verdictOf(right, abi ?? native))}`;
  return {
    ok: false,
    expected,
    got: `${call} is ${answers}${other}`,
    reasons: explanation === undefined ? [] : [explanation],
  };
}
