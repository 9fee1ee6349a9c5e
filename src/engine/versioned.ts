/** A name with a release, or without. */
export interface Versioned<Name extends string> {
  readonly name: Name;
  readonly version?: string;
}
