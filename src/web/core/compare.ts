import type { Answer } from '../../explain/answer.js';
import { type Change, diffPolicies } from '../../explain/diff.js';
import { usable } from '../../explain/usable.js';
import { verdictOf, verdictWord } from '../../explain/verdict.js';
import { scmpAction } from '../../policy/words.js';
import type { AbiName } from '../../syscalls/abi.js';
import { formatCall } from '../../syscalls/callText.js';
import { type ContextView, mapOf } from './map.js';
import { predicted } from './prediction.js';
import { kindOf } from './verdictKind.js';
import type { VerdictKind } from './verdictKinds.js';
import type { ContextWords } from './words.js';

/** Everything that two contexts answer differently; nothing else differs, and that is proved. */
export interface CompareReply {
  readonly left: ContextView;
  readonly right: ContextView;
  readonly equal: boolean;
  readonly rows: readonly CompareRow[];
  /** Numbers that are no call callgate knows. */
  readonly numbers: readonly string[];
  readonly otherArchitectures?: string;
}

export interface CompareRow {
  readonly name: string;
  readonly abi: AbiName;
  readonly left: Side;
  readonly right: Side;
  readonly direction: 'opens' | 'closes' | 'both' | 'otherwise';
  /** A call that the two answer differently, and what it gets. */
  readonly example: { readonly call: string; readonly left: string; readonly right: string };
}

export interface Side {
  readonly kind: VerdictKind;
  readonly word: string;
}

/** @throws CallgateError when one of the containers does not start, or conditions are too many to compare */
export async function compareOf(left: ContextWords, right: ContextWords): Promise<CompareReply> {
  const [a, b] = [await predicted(left), await predicted(right)];
  const { arch } = a.resolved.context;
  const diff = diffPolicies(usable(a.prediction).policy, usable(b.prediction).policy, arch);
  return {
    left: (await mapOf(left)).context,
    right: (await mapOf(right)).context,
    equal: diff.equal,
    rows: diff.changes.map((change) => {
      const { syscall: name, number, abi, example } = change;
      return {
        name,
        abi,
        left: sideOf(change.from),
        right: sideOf(change.to),
        direction: directionOf(change),
        example: {
          call: formatCall({ name, number, abi, args: example.args }, abi),
          left: verdictWord(verdictOf(example.left, abi)),
          right: verdictWord(verdictOf(example.right, abi)),
        },
      };
    }),
    numbers: diff.unnamed.map(
      ({ abi, first, last, from, to }) =>
        `${abi ?? 'other'} ${first === last ? first : `${first} to ${last}`}: ${verdictWord(from.verdict)} → ${verdictWord(to.verdict)}`,
    ),
    ...(diff.otherArchitectures === undefined
      ? {}
      : {
          otherArchitectures: `${scmpAction(diff.otherArchitectures.from)} → ${scmpAction(diff.otherArchitectures.to)}`,
        }),
  };
}

function sideOf({ verdict }: Answer): Side {
  return { kind: kindOf(verdict), word: verdictWord(verdict) };
}

function directionOf({ widened, narrowed }: Change): CompareRow['direction'] {
  if (widened !== undefined) return narrowed === undefined ? 'opens' : 'both';
  return narrowed === undefined ? 'otherwise' : 'closes';
}
