import type { Ending, Observation, ObservedDenial } from './observed.js';

/**
 * Whether a refusal mattered, as far as it was seen. `last`: the last denied call before the command failed, which does
 * not prove that it was the reason. `went-on`: the command ended well, or its caller made other denied calls afterwards.
 * `falls-back`: every caller that is known takes another way, and it is not the last one before a failure.
 */
export interface Impact {
  readonly kind: 'last' | 'unknown' | 'went-on' | 'falls-back';
  readonly text: string;
}

/**
 * What is known of the consequences of denied calls.
 *
 * @param fallsBack whether every known caller copes with this answer
 */
export function impactOf(
  denials: readonly ObservedDenial[],
  fallsBack: boolean,
  { denials: all, unlisted, ending }: Observation,
): Impact {
  const seen = observed(denials, all, unlisted, ending);
  if (!fallsBack || seen.kind === 'last') return seen;
  return { kind: 'falls-back', text: `callers that are known take another way; ${seen.text}` };
}

function observed(
  denials: readonly ObservedDenial[],
  all: readonly ObservedDenial[],
  unlisted: number,
  ending: Ending | undefined,
): Impact {
  if (ending?.exitCode === 0) return { kind: 'went-on', text: 'the command went on and ended with 0' };
  const total = all.reduce((sum, { count }) => sum + count, unlisted);
  const isLast = denials.some(({ lastPlace }) => lastPlace === total - 1);
  // A refusal is an errno: SIGSYS came from another rule.
  if (ending !== undefined && ending.signal !== 'SIGSYS' && isLast)
    return { kind: 'last', text: `the last denied call before the command ${endingWords(ending)}` };
  const survivor = denials.find((one) => one.pid !== 0 && goesOn(one, all));
  const rest =
    ending === undefined
      ? 'whether the command still runs is not known'
      : `the command ${endingWords(ending)} later`;
  if (survivor === undefined)
    return { kind: 'unknown', text: `what its caller made of it was not seen; ${rest}` };
  return {
    kind: 'went-on',
    text: `its caller (process ${survivor.pid}) went on to other denied calls; ${rest}`,
  };
}

/** Whether the thread that made the first of these was heard of again. */
const goesOn = ({ pid, firstPlace }: ObservedDenial, all: readonly ObservedDenial[]): boolean =>
  all.some((other) => other.pid === pid && other.firstPlace > firstPlace);

/** `ended with 1`, `was ended by SIGSEGV`. */
export function endingWords({ exitCode, signal }: Ending): string {
  return signal === undefined ? `ended with ${exitCode}` : `was ended by ${signal}`;
}
