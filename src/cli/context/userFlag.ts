import { CallgateError } from '../../error.js';

/**
 * docker's --user with numbers: names belong to the image's passwd file, which is not here.
 *
 * @throws CallgateError `USAGE` for a name
 */
export function userOf(user: string | undefined): { readonly uid?: number; readonly gid?: number } {
  if (user === undefined) return {};
  const match = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(user);
  if (match === null) {
    throw new CallgateError('USAGE', `--user ${user}: names belong to an image's passwd file`, {
      expected: 'UID or UID:GID',
    });
  }
  return { uid: Number(match[1]), gid: Number(match[2] ?? 0) };
}
