import type { CallChange } from '../../explain/diff.js';
import { wideningLines, wideningText } from '../../explain/summaryOfWidening.js';
import { verdictWord } from '../../explain/verdict.js';
import type { Widening } from '../../explain/widened.js';
import type { AbiName } from '../../syscalls/abi.js';

/** What a change does besides: it may take calls away, or refuse them in another way. */
export function sideEffectLines({ narrowed, otherwise }: Widening, native: AbiName): readonly string[] {
  const own = (changes: readonly CallChange[]) => changes.filter(({ abi }) => abi === native);
  return [...groups('no longer runs', own(narrowed)), ...groups('refused otherwise', own(otherwise))];
}

function groups(title: string, changes: readonly CallChange[]): readonly string[] {
  const byChange = new Map<string, string[]>();
  for (const { syscall, from, to } of changes) {
    const key = `${verdictWord(from.verdict)} → ${verdictWord(to.verdict)}`;
    byChange.set(key, [...(byChange.get(key) ?? []), syscall]);
  }
  return [...byChange].map(([change, names]) => `${title}: ${names.join(' ')} (${change})`);
}

/** As JSON, counts as decimal words. */
export function wideningJson(widening: Widening, native: AbiName): object {
  const change = ({ syscall, number, abi, from, to }: CallChange): object => ({
    syscall,
    number,
    abi,
    from: from.verdict,
    to: to.verdict,
  });
  return {
    widens: widening.calls.map(({ syscall, number, abi, when, extent }) => ({
      syscall,
      number,
      abi,
      ...(when === undefined ? {} : { when: when.join(' or ') }),
      count: extent.count.toString(),
      of: extent.of.toString(),
    })),
    widensUnknownNumbers: widening.numbers.length > 0,
    widensOtherArchitectures: widening.otherArchitectures,
    widensExactly: wideningLines(widening),
    narrows: widening.narrowed.map(change),
    refusesOtherwise: widening.otherwise.map(change),
    summary: [wideningText(widening), ...sideEffectLines(widening, native)],
  };
}
