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
