import { describe, expect, it } from 'vitest';
import { type RawSymptom, toStored } from '../../scripts/import-symptoms.js';
import { cataloguedSymptoms } from '../../src/explain/symptoms/catalogue.js';
import { patterns } from '../../src/explain/symptoms/patterns.js';
import { syscallNames } from '../../src/syscalls/libseccomp.js';

const RAW: RawSymptom = {
  message: 'mbind: Operation not permitted',
  program: 'MySQL',
  cause_syscall: 'mbind',
  syscalls: ['mbind'],
  errno: 'EPERM',
  conditions: 'without CAP_SYS_NICE',
  fix: 'a rule',
  source: 'owner/repo#1',
  messageKind: 'program output',
  cause: 'stated',
};

describe('import of symptoms', () => {
  it('leaves out what goes without saying', () => {
    expect(toStored(RAW)).toEqual({
      message: 'mbind: Operation not permitted',
      program: 'MySQL',
      calls: ['mbind'],
      errno: 'EPERM',
      conditions: 'without CAP_SYS_NICE',
      fix: 'a rule',
      source: 'owner/repo#1',
    });
  });

  it('keeps what the calls alone do not say', () => {
    const raw = {
      ...RAW,
      cause_syscall: 'socket (family 40)',
      syscalls: ['socket'],
      messageKind: 'described',
      cause: 'likely',
    };
    expect(toStored(raw)).toMatchObject({ cause: 'socket (family 40)', described: true, likely: true });
    expect(toStored({ ...RAW, cause_syscall: 'a or b', syscalls: ['a', 'b'] })).not.toHaveProperty('cause');
  });
});

describe('stored symptoms and patterns', () => {
  const known = new Set(syscallNames);
  it('name calls that exist, and a source each', () => {
    for (const { calls, source } of cataloguedSymptoms) {
      expect(source).toMatch(/^[\w.-]+\/[\w.-]+#\d+$/);
      expect(calls.filter((call) => !known.has(call))).toEqual([]);
    }
    for (const { id, calls, source } of patterns) {
      expect([id, source === '', calls.filter(({ call }) => !known.has(call))]).toEqual([id, false, []]);
    }
  });
});
