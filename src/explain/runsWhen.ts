import { leaf, test } from '../policy/decision.js';
import type { Diagrams } from '../policy/diagram.js';
import { foldDecision } from '../policy/fold.js';
import type { Decision } from '../policy/policy.js';
import { letsRun } from '../policy/widening.js';
import { type ArgumentWords, pathText, type Step, wideArguments } from './cases.js';

const YES = leaf({ kind: 'allow' });
const NO = leaf({ kind: 'kill_process' });
/** A longer list says nothing to a person. */
const MOST_PATHS = 64;

/**
 * For which arguments a decision lets a call run: alternatives, each with no more comparisons than it needs. Undefined
 * when there are too many to tell.
 *
 * @returns in C notation, sorted; empty when it runs for none
 */
export function runsWhen(
  decision: Decision,
  words: ArgumentWords,
  diagrams: Diagrams,
): readonly string[] | undefined {
  const paths = pathsThatRun(decision);
  if (paths === undefined) return undefined;
  const no = diagrams.of(NO);
  const stops = foldDecision<Decision>(decision, {
    leaf: (action) => (letsRun(action) ? NO : YES),
    test: (node, then, otherwise) => test({ ...node, then, else: otherwise }),
  });
  const meets = (path: readonly Step[], rest: Decision): boolean => diagrams.of(follow(path, rest)) !== no;
  const wide = wideArguments(decision);
  const texts = paths
    .filter((path) => meets(path, YES))
    .map((path) => {
      let needed = path;
      // What did not hold says least, so it goes first.
      for (const step of [...path].sort((a, b) => Number(a.taken) - Number(b.taken))) {
        const fewer = needed.filter((other) => other !== step);
        if (!meets(fewer, stops)) needed = fewer;
      }
      return pathText(needed, words, wide);
    });
  return [...new Set(texts)].sort();
}

/** The decision that goes on behind a path, and refuses beside it. */
function follow(path: readonly Step[], rest: Decision): Decision {
  return path.reduceRight<Decision>(
    (inner, { node, taken }) => test({ ...node, then: taken ? inner : NO, else: taken ? NO : inner }),
    rest,
  );
}

function pathsThatRun(decision: Decision): readonly (readonly Step[])[] | undefined {
  const found: (readonly Step[])[] = [];
  const visit = (node: Decision, path: readonly Step[]): boolean => {
    if (found.length > MOST_PATHS || path.length > MOST_PATHS) return false;
    if (node.kind === 'leaf') {
      if (letsRun(node.action)) found.push(path);
      return true;
    }
    return (
      visit(node.then, [...path, { node, taken: true }]) &&
      visit(node.else, [...path, { node, taken: false }])
    );
  };
  return visit(decision, []) ? found : undefined;
}
