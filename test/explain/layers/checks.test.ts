import { describe, expect, it } from 'vitest';
import { allChecks, checksOf } from '../../../src/explain/layers/check.js';
import { abis } from '../../../src/syscalls/abis.js';
import { capabilityName } from '../../../src/syscalls/capabilities.js';
import { constantValue, errnoNumber } from '../../../src/syscalls/constants.js';
import { syscallNames } from '../../../src/syscalls/libseccomp.js';
import { signatureOf } from '../../../src/syscalls/signature.js';
import { compareVersions } from '../../../src/versions.js';

const names = new Set(syscallNames);

describe('the recorded checks', () => {
  it.each(allChecks.map((row) => [`${row.calls.join(' ')}: ${row.source}`, row] as const))('%s', (_, row) => {
    const { calls, capability = [], args = [], sysctl, errno, source, since, until } = row;
    expect(calls.filter((name) => !names.has(name))).toEqual([]);
    expect(capability.filter((name) => capabilityName(name) !== name)).toEqual([]);
    expect(source).not.toBe('');
    if (errno !== '') expect(errnoNumber(errno, 'x86_64')).toBeDefined();
    if (sysctl !== undefined) expect((sysctl.is === undefined) !== (sysctl.atLeast === undefined)).toBe(true);
    expect(row.namespace === undefined).toBe(row.capability === undefined);
    if (since !== undefined && until !== undefined) expect(compareVersions(since, until)).toBeLessThan(0);
    for (const { arg, any = [], none = [], is = [], not = [] } of args) {
      const words = [...any, ...none, ...is, ...not];
      expect(words.length).toBeGreaterThan(0);
      for (const word of words)
        if (typeof word === 'string') expect(constantValue(word, 'x86_64'), word).toBeDefined();
      for (const call of calls) {
        for (const { name } of abis) {
          const signature = signatureOf(call, name);
          if (signature !== undefined)
            expect(
              signature.args.map((argument) => argument.name),
              `${name} ${call}`,
            ).toContain(arg);
        }
      }
    }
  });

  it('are found by call and release', () => {
    expect(checksOf('getpid', '6.12')).toEqual([]);
    expect(checksOf(undefined, '6.12')).toEqual([]);
    expect(checksOf('userfaultfd', '5.10').map(({ args }) => args)).toEqual([undefined]);
    expect(checksOf('userfaultfd', '5.11')).toHaveLength(1);
    expect(checksOf('userfaultfd', '4.19')).toEqual([]);
  });
});
