/** One comparison of a rule, in the words of the OCI runtime spec. */
export interface OciArg {
  /** 0..5. */
  readonly index: number;
  /** Unsigned 64-bit. */
  readonly value: bigint;
  /** Unsigned 64-bit; the datum of SCMP_CMP_MASKED_EQ, whose mask is `value`. */
  readonly valueTwo: bigint;
  /** `SCMP_CMP_*`, unchecked. */
  readonly op: string;
}

/** Whether a comparison holds for a register. libseccomp takes the datum under the mask; an unknown operator never holds. */
export function compares({ op, value, valueTwo }: OciArg, register: bigint): boolean {
  switch (op) {
    case 'SCMP_CMP_EQ':
      return register === value;
    case 'SCMP_CMP_NE':
      return register !== value;
    case 'SCMP_CMP_LT':
      return register < value;
    case 'SCMP_CMP_LE':
      return register <= value;
    case 'SCMP_CMP_GT':
      return register > value;
    case 'SCMP_CMP_GE':
      return register >= value;
    case 'SCMP_CMP_MASKED_EQ':
      return (register & value) === (valueTwo & value);
    default:
      return false;
  }
}
