import { type Suite, upstreamRelease } from './debian.js';

/** A Debian package that behaves as a later release than its own, by its changelog. */
interface Backport {
  readonly name: string;
  /** Beginning of Debian's version. */
  readonly packaged: string;
  readonly as: string;
  readonly change: string;
}

const BACKPORTS: readonly Backport[] = [
  {
    name: 'runc',
    packaged: '1.0.0~rc93+ds1-5+deb11u',
    as: '1.0.0-rc95',
    change: 'Debian has backported defaultErrnoRet',
  },
  {
    name: 'docker.io',
    packaged: '20.10.5+dfsg1-1+deb11u',
    as: '20.10.10',
    change: 'Debian has backported the rule on clone3 and errnoRet of rules',
  },
];

/** The release whose behaviour a package has, and why that is not the one in its name. */
export function behavesAs(suite: Suite, name: string): { readonly version: string; readonly note: string } {
  const packaged = suite.packaged(name);
  const found = BACKPORTS.find((row) => row.name === name && packaged.startsWith(row.packaged));
  if (found === undefined) return { version: upstreamRelease(packaged), note: '' };
  return { version: found.as, note: `as ${found.as}: ${found.change}` };
}
