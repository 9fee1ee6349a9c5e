/** Characters of a line that are looked at; what a program says about a failure stands in the first ones. */
const LONGEST = 2000;

/** Errnos in the spellings of C, Go, Rust, Node, Python and Java. */
const ERRNOS: readonly (readonly [RegExp, string])[] = [
  [
    /operation not permitted|\beperm\b|\[?\berrno *[=:]? *1\b\]?|\bos error 1\b|\bcode: 1\b(?=.{0,40}permission)/g,
    'EPERM',
  ],
  [/function not implemented|\benosys\b|\[?\berrno *[=:]? *38\b\]?|\bos error 38\b|\(38\)/g, 'ENOSYS'],
  [/cannot allocate memory|\benomem\b|\[?\berrno *[=:]? *12\b\]?/g, 'ENOMEM'],
  [/permission ?denied|\beacces\b|\[?\berrno *[=:]? *13\b\]?/g, 'EACCES'],
  [/resource temporarily unavailable|\beagain\b/g, 'EAGAIN'],
  [/invalid argument|\beinval\b/g, 'EINVAL'],
  [/bad system call|\bsigsys\b|\bexit(?:ed)?(?: code| status)? 159\b/g, 'SIGSYS'],
];

/**
 * A line without what changes from run to run: lower case, errnos as one word (EPERM …), and PATH, MODE and N for
 * paths, rwx modes and numbers. Names of calls and functions stay, and 1970 and 1900, which a clock says that cannot be
 * read.
 *
 * @example normalForm('tar: /a: Cannot change mode to rwxrwsr-x: Operation not permitted') // 'tar: PATH: cannot change mode to MODE: EPERM'
 */
export function normalForm(line: string): string {
  let text = line
    .slice(0, LONGEST)
    .replace(ESCAPES, '')
    .toLowerCase()
    .replace(/[\u2018\u2019\u201c\u201d`"]/g, "'");
  for (const [spelling, word] of ERRNOS) text = text.replace(spelling, word);
  return text
    .replace(/\b[r-][w-][xsS-][r-][w-][xsS-][r-][w-][xtT-](?![\w-])/g, 'MODE')
    .replace(/[\w.@+~-]*(?:\/[\w.@+~-]+)+\/?/g, 'PATH')
    .replace(/\b0x[0-9a-f]+\b|\b(?!1970\b|1900\b)\d+\b/g, 'N')
    .replace(/\s+/g, ' ')
    .replace(/\b(E[A-Z]+)\b(?:[^\w]{1,3}\1\b)+/g, '$1')
    .trim();
}

const ESCAPES = /\u001b\[[0-9;]*[A-Za-z]/g;

const COMMON = new Set(
  'a an and are as at be but by can do does for from has in into is it its not of on or s so t that the this to was when with you your N PATH MODE error failed'.split(
    ' ',
  ),
);

/** The words of a normal form that carry meaning, each once. */
export function wordsOf(normal: string): readonly string[] {
  const words = normal.split(/[^\w]+/).filter((word) => word.length > 1 && !COMMON.has(word));
  return [...new Set(words)];
}
