import type fc from 'fast-check';

/** Something that reads text or bytes from anywhere. */
export interface Target {
  /** Also the directory of its corpus. */
  readonly name: string;
  /**
   * Reads an input and checks what must hold of the result.
   *
   * @returns what became of it, in few words: an input that brings new ones is worth to be changed further
   * @throws {CallgateError} for an input that is refused; anything else is a defect
   */
  readonly read: (input: Uint8Array) => string;
  /** Inputs of the right shape, beside those of the corpus. */
  readonly arbitrary?: fc.Arbitrary<string | Uint8Array>;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A target that reads text; bytes that are no UTF-8 come as U+FFFD. */
export function textTarget(
  name: string,
  read: (text: string) => string,
  arbitrary?: fc.Arbitrary<string>,
): Target {
  return {
    name,
    read: (input) => read(decoder.decode(input)),
    ...(arbitrary === undefined ? {} : { arbitrary }),
  };
}

/** Thrown by a target whose law does not hold. */
export function law(holds: boolean, what: string): void {
  if (!holds) throw new Error(`does not hold: ${what}`);
}
