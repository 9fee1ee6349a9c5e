import data from '../../data/package-backports.json' with { type: 'json' };

/** A package that behaves as a later release than its own. */
export interface Backport {
  /** Engine or runtime. */
  readonly name: string;
  /** Beginning of the package's version. */
  readonly packaged: string;
  /** The upstream release whose behaviour it has. */
  readonly as: string;
  readonly change: string;
  readonly source: string;
}

/**
 * What a distribution has changed in a package, where that changes verdicts.
 *
 * @example backportOf('runc', '1.0.0~rc93+ds1-5+deb11u5')?.as // '1.0.0-rc95'
 */
export function backportOf(name: string, packaged: string): Backport | undefined {
  return data.backports.find((row) => row.name === name && packaged.startsWith(row.packaged));
}
