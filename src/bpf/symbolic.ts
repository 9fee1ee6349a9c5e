import { OP } from './instruction.js';
import { arithmetic } from './interpret.js';

/** What is known of a register or scratch word while a program is evaluated without a concrete call. */
export type Symbolic =
  | { readonly kind: 'constant'; readonly value: number }
  /** `load(offset) & mask` of struct seccomp_data. */
  | { readonly kind: 'word'; readonly offset: number; readonly mask: number }
  /** Anything else; `instruction` is where exactness was lost. */
  | { readonly kind: 'unknown'; readonly instruction: number };

export function constant(value: number): Symbolic {
  return { kind: 'constant', value: value >>> 0 };
}

export function symbolKey(symbol: Symbolic): string {
  switch (symbol.kind) {
    case 'constant':
      return `c${symbol.value}`;
    case 'word':
      return `w${symbol.offset}&${symbol.mask}`;
    case 'unknown':
      return `u${symbol.instruction}`;
  }
}

/** The result of an ALU operation (`code` in its constant form); division by a constant zero is the caller's matter. */
export function operate(code: number, a: Symbolic, operand: Symbolic, instruction: number): Symbolic {
  if (a.kind === 'constant' && operand.kind === 'constant')
    return constant(arithmetic(code, a.value, operand.value));
  if (code === OP.and) {
    const [word, mask] = a.kind === 'constant' ? [operand, a] : [a, operand];
    if (mask.kind === 'constant') {
      if (mask.value === 0) return mask;
      if (word.kind === 'word') {
        const both = (word.mask & mask.value) >>> 0;
        return both === 0 ? constant(0) : { ...word, mask: both };
      }
    }
  }
  // What leaves a value as it is: x | 0, x ^ 0, x + 0, x - 0, x << 0, x >> 0.
  if (operand.kind === 'constant' && operand.value === 0 && NEUTRAL_ZERO.has(code)) return a;
  return { kind: 'unknown', instruction };
}

const NEUTRAL_ZERO: ReadonlySet<number> = new Set([OP.or, OP.xor, OP.add, OP.sub, OP.lsh, OP.rsh]);
