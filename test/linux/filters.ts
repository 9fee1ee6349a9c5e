import { OP, type Program } from '../../src/bpf/instruction.js';
import { type Action, toReturnValue } from '../../src/policy/action.js';

export const X86_64 = 0xc000003e;
export const I386 = 0x40000003;

export interface Rule {
  readonly number: number;
  readonly action: Action;
  /** Only when the low half of this argument has this value. */
  readonly when?: { readonly index: number; readonly value: number };
}

/** A filter by hand: the rules of x86_64 (or another audit arch), everything else, in any arch, gets `otherwise`. */
export function filterOf(
  rules: readonly Rule[],
  otherwise: Action = { kind: 'allow' },
  auditArch: number = X86_64,
): Program {
  const load = (k: number) => ({ code: OP.ld_abs, jt: 0, jf: 0, k });
  const ret = (action: Action) => ({ code: OP.ret, jt: 0, jf: 0, k: toReturnValue(action) });
  const body = rules.flatMap(({ number, action, when }) =>
    when === undefined
      ? [{ code: OP.jeq, jt: 0, jf: 1, k: number }, ret(action)]
      : [
          { code: OP.jeq, jt: 0, jf: 4, k: number },
          load(16 + 8 * when.index),
          { code: OP.jeq, jt: 0, jf: 1, k: when.value },
          ret(action),
          load(0),
        ],
  );
  return [
    load(4),
    { code: OP.jeq, jt: 1, jf: 0, k: auditArch },
    ret(otherwise),
    load(0),
    ...body,
    ret(otherwise),
  ];
}

export const errno = (value: number): Action => ({ kind: 'errno', errno: value });
