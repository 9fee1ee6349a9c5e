import type { Decision, Policy } from '../policy/policy.js';
import { gained, letsRun } from '../policy/widening.js';
import type { AbiName } from '../syscalls/abi.js';
import { wordsFor } from './answer.js';
import { boundedDiagrams } from './bounded.js';
import { type ArgumentWords, casesOf } from './cases.js';
import {
  type CallChange,
  type Extent,
  type Measured,
  measurePolicies,
  type NumberChange,
  toldCall,
  toldNumbers,
  type UntoldCall,
} from './diff.js';
import { runsWhen } from './runsWhen.js';

/** Everything that a change of filters lets run which did not run before, and everything else that it changes. */
export interface Widening {
  /** Calls that get further: those of the native ABI first. */
  readonly calls: readonly WidenedCall[];
  /** Numbers without a name that get further. */
  readonly numbers: readonly NumberChange[];
  /** Calls that get less far with some arguments. */
  readonly narrowed: readonly CallChange[];
  /** Calls that are refused before and after, in another way. */
  readonly otherwise: readonly CallChange[];
  /** Numbers without a name that are answered otherwise, without getting further. */
  readonly otherNumbers: readonly NumberChange[];
  /** Architectures without a section of their own run calls now. */
  readonly otherArchitectures: boolean;
}

/** A call that gets further than before. */
export interface WidenedCall {
  readonly syscall: string;
  /** As in seccomp_data.nr. */
  readonly number: number;
  readonly abi: AbiName;
  /** For which arguments, in C notation, alternatives; absent: for all. */
  readonly when?: readonly string[];
  readonly extent: Extent;
}

/**
 * What `after` opens beside `before`, over every ABI, all 2³² numbers and all argument bits: what is not in the list
 * does not get further, and that is proved.
 *
 * @param native its calls come first
 * @throws CallgateError `INPUT` when conditions over arguments are too many to compare
 */
export function widenedBy(before: Policy, after: Policy, native: AbiName): Widening {
  const { changes, unnamed, otherArchitectures } = measurePolicies(before, after, native);
  const other = ({ widened, narrowed }: Measured): boolean => widened === undefined && narrowed === undefined;
  return {
    calls: changes.flatMap((change) =>
      change.widened === undefined ? [] : [widenedCall(change, change.widened)],
    ),
    numbers: unnamed.filter(({ widened }) => widened !== undefined).map(toldNumbers),
    narrowed: changes.filter(({ narrowed }) => narrowed !== undefined).map(toldCall),
    otherwise: changes.filter(other).map(toldCall),
    otherNumbers: unnamed.filter(({ widened }) => widened === undefined).map(toldNumbers),
    otherArchitectures: otherArchitectures !== undefined && letsRun(otherArchitectures.to),
  };
}

function widenedCall({ syscall, number, abi, left, right }: UntoldCall, extent: Extent): WidenedCall {
  const when = whenRuns(gained(left, right), wordsFor({ number, abi, name: syscall }));
  return { syscall, number, abi, extent, ...(when === undefined ? {} : { when }) };
}

/** `a == b` the other way round. */
function negated(text: string): string {
  const parts = text.split(' == ');
  return parts.length === 2 && !text.includes(' && ') ? parts.join(' != ') : `!(${text})`;
}

/** Undefined: for all arguments. Few values that stay closed are told instead of many that open. */
function whenRuns(decision: Decision, words: ArgumentWords): readonly string[] | undefined {
  if (decision.kind === 'leaf') return undefined;
  const open = boundedDiagrams((diagrams) => runsWhen(decision, words, diagrams));
  const cases = casesOf(decision, words);
  const closed = cases.filter(({ action }) => !letsRun(action)).flatMap(({ when }) => when);
  const isRest = cases.some(({ when, action }) => letsRun(action) && when.includes('otherwise'));
  const rest = isRest ? [closed.map(negated).join(' && ')] : undefined;
  if (rest !== undefined && (open === undefined || rest.join().length <= open.join().length)) return rest;
  return open ?? cases.filter(({ action }) => letsRun(action)).flatMap(({ when }) => when);
}
