import { fail, type Source } from '../profile/source.js';

/** Values of variables; what is not there is unset. */
export type Variables = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])([^{}]*))?\}|)/g;

/**
 * Fills in `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:?error}` and `${NAME:+other}` as Compose does; `$$` is a dollar.
 *
 * @param unset told of a variable that has no value and no default, which Compose takes for an empty one
 * @throws CallgateError `INPUT` at `at` for `${NAME:?error}` without a value and for a `$` that begins no reference
 */
export function interpolate(
  text: string,
  variables: Variables,
  source: Source,
  at: number,
  unset: (name: string) => void,
): string {
  return text.replace(REFERENCE, (whole, bare?: string, braced?: string, operator?: string, word = '') => {
    if (whole === '$$') return '$';
    const name = bare ?? braced;
    if (name === undefined)
      fail(source, at, `the $ in ${JSON.stringify(text)} begins no variable`, {
        hint: 'write $$ for a dollar',
      });
    const value = variables[name];
    // With a colon an empty value counts as none.
    const has = value !== undefined && !(operator?.startsWith(':') === true && value === '');
    switch (operator?.at(-1)) {
      case '-':
        return has ? value : word;
      case '+':
        return has ? word : '';
      case '?':
        if (!has) fail(source, at, `the variable ${name} has no value${word === '' ? '' : `: ${word}`}`);
        return value;
      default:
        if (value === undefined) unset(name);
        return value ?? '';
    }
  });
}
