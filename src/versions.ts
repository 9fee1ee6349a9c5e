import { compareVersions as compare } from 'compare-versions';

/** `1.0.0-rc92` as the library wants it: a number after a word is a part of its own, so rc9 < rc10. */
function normal(version: string): string {
  return version.replace(/[-~](rc|alpha|beta)\.?(\d+)/, '-$1.$2').replace(/-ce$/, '');
}

/** Negative, zero or positive as `a` is older than, the same as or newer than `b`. Release words as in `1.0.0-rc92`, `17.03.0-ce`, `0.4`. */
export function compareVersions(a: string, b: string): number {
  return comparePlain(a, b) ?? compare(normal(a), normal(b));
}

/** The library's own form of a version without words. */
const MOST_PARTS = 4;
const DOT = 46;
const ZERO = 48;

/**
 * One to four numbers between dots: most versions, of which one question compares thousands. Undefined for any other
 * word, which is the library's to read or refuse.
 */
function comparePlain(a: string, b: string): number | undefined {
  let [i, j, order] = [0, 0, 0];
  for (let part = 0; part < MOST_PARTS; part++) {
    const [left, right] = [numberAt(a, i), numberAt(b, j)];
    i = endAt(a, i);
    j = endAt(b, j);
    if (Number.isNaN(left + right)) return undefined;
    if (order === 0) order = Math.sign(left - right);
    if (i > a.length && j > b.length) return order;
  }
  return undefined;
}

/** Place behind the dot that ends a part; past the text, where it has no more. */
function endAt(text: string, start: number): number {
  const dot = text.indexOf('.', start);
  return dot < 0 ? text.length + 1 : dot + 1;
}

/** NaN for what is no number; parts that a version leaves out are 0. */
function numberAt(text: string, start: number): number {
  if (start > text.length) return 0;
  let value = start === text.length ? Number.NaN : 0;
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === DOT) return index === start ? Number.NaN : value;
    value = code >= ZERO && code <= ZERO + 9 ? value * 10 + code - ZERO : Number.NaN;
  }
  return value;
}
