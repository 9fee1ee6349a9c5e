import { libseccompReleases } from '../syscalls/libseccomp.js';

/**
 * The upstream release of a package's version: without epoch, repack marks and the distribution's own numbers.
 * Undefined for text that begins with no version.
 *
 * @example upstreamVersion('20.10.24+dfsg1-1+deb12u1') // '20.10.24'
 * @example upstreamVersion('1.0.0~rc93+ds1-5+deb11u5') // '1.0.0-rc93'
 * @example upstreamVersion('5:28.5.2-1~debian.12~bookworm') // '28.5.2'
 */
export function upstreamVersion(packaged: string): string | undefined {
  const match = /^(?:\d+:)?v?(\d+(?:\.\d+)*)(?:[~-](rc\.?\d+|(?:alpha|beta)\.?\d+))?/.exec(packaged.trim());
  const [, numbers, preRelease] = match ?? [];
  return preRelease === undefined ? numbers : `${numbers}-${preRelease}`;
}

/** All versions in a text, in its order: data says `2.5.3-2ubuntu2 at release, 2.5.3-2ubuntu3~22.04.1 in updates`. */
export function versionsIn(text: string): readonly string[] {
  return text.match(/(?<![\w.])(?:\d+:)?\d+(?:\.\d+)+[^\s,;()]*/g) ?? [];
}

/**
 * The release of libseccomp whose tables a package has: the package's own where the data holds it (Debian 12's
 * 2.5.4-1+deb12u1 knows more names than 2.5.4), else the upstream one.
 */
export function libseccompOfPackage(packaged: string): string | undefined {
  // Rebuilds without a change end in +b1.
  const own = packaged.replace(/^\d+:/, '').replace(/\+b\d+$/, '');
  return libseccompReleases.includes(own) ? own : upstreamVersion(packaged);
}
