import { beforeAll, describe, expect, it } from 'vitest';
import { build, callgate } from './callgate.js';

beforeAll(build);

interface Row {
  readonly words: string;
  readonly action: string;
  readonly errno?: string;
  /** 0 allowed, 1 not. */
  readonly status: number;
  /** Must stand in the reasons. */
  readonly reason?: RegExp;
}

const CLONE3 = 'why clone3 --runtime runc@1.0.2 --libseccomp 2.5.1 --arch amd64';

const ROWS: readonly Row[] = [
  { words: `${CLONE3} --engine docker@20.10.9`, action: 'SCMP_ACT_ERRNO', errno: 'EPERM', status: 1 },
  { words: `${CLONE3} --engine docker@20.10.10`, action: 'SCMP_ACT_ERRNO', errno: 'ENOSYS', status: 1 },
  {
    words: `${CLONE3} --engine docker@20.10.10 --cap-add SYS_ADMIN`,
    action: 'SCMP_ACT_ALLOW',
    status: 0,
  },
  {
    words: 'why get_mempolicy --engine docker@27.5.1 --arch amd64',
    action: 'SCMP_ACT_ERRNO',
    errno: 'EPERM',
    status: 1,
    reason: /CAP_SYS_NICE/,
  },
  {
    words: 'why get_mempolicy --engine docker@27.5.1 --arch amd64 --cap-add sys_nice',
    action: 'SCMP_ACT_ALLOW',
    status: 0,
  },
];

describe('why', () => {
  it.each(ROWS)('$words → $action $errno', ({ words, action, errno, status, reason }) => {
    const outcome = callgate(...words.split(' '), '--format', 'json');
    expect(outcome.stderr).toBe('');
    const answer = JSON.parse(outcome.stdout);
    expect(answer.verdict).toMatchObject(errno === undefined ? { action } : { action, errno });
    expect(outcome.status).toBe(status);
    if (reason !== undefined) expect(JSON.stringify(answer.reasons)).toMatch(reason);
  });

  it.each(ROWS)('says the same to a person: $words', ({ words, errno, status, reason }) => {
    const outcome = callgate(...words.split(' '));
    expect(outcome.status).toBe(status);
    if (errno !== undefined) expect(outcome.stdout).toContain(errno);
    if (reason !== undefined) expect(outcome.stdout).toMatch(reason);
  });
});
