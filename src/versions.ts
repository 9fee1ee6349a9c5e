import { compare } from 'compare-versions';

/** `1.0.0-rc92` as the library wants it: a number after a word is a part of its own, so rc9 < rc10. */
function normal(version: string): string {
  return version.replace(/[-~](rc|alpha|beta)\.?(\d+)/, '-$1.$2').replace(/-ce$/, '');
}

/** Negative, zero or positive as `a` is older than, the same as or newer than `b`. Release words as in `1.0.0-rc92`, `17.03.0-ce`, `0.4`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [normal(a), normal(b)];
  if (compare(left, right, '<')) return -1;
  return compare(left, right, '>') ? 1 : 0;
}
