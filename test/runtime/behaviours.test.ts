import { describe, expect, it } from 'vitest';
import { behaviours, findBehaviour } from '../../src/runtime/behaviours.js';
import { releaseFacts, releaseHas } from '../../src/runtime/libseccomp/releases.js';
import { libseccompReleases } from '../../src/syscalls/table.js';

describe('behaviours of runtimes', () => {
  it('has one record for each behaviour of a runtime, each with a source', () => {
    const keys = behaviours.map((row) => `${row.runtime} ${row.behaviour}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const row of behaviours) expect(row.source, row.behaviour).toMatch(/^[\w-]+\/[\w-]+ ./);
  });

  it.each([
    ['1.0.0', false],
    ['1.0.1', false],
    ['1.0.2', true],
    ['1.0.3', true],
    ['1.1.0-rc.1', true],
    ['1.1.0', true],
  ])('follows branches: redundant rules in runc %s', (version, skipped) => {
    expect(findBehaviour('runc', version, 'redundant-skipped') !== undefined).toBe(skipped);
  });

  it.each([
    ['1.1.14', false],
    ['1.1.15', true],
    ['1.2.0-rc.1', true],
    ['1.0.3', false],
  ])('follows branches: the native ABI in the stub of runc %s', (version, native) => {
    expect(findBehaviour('runc', version, 'enosys-stub-native') !== undefined).toBe(native);
  });

  it.each([
    ['0.8', false],
    ['0.9', true],
    ['0.19.1', true],
    ['0.20', false],
  ])('ends: the LOG flag by default in crun %s', (version, logs) => {
    expect(findBehaviour('crun', version, 'default-flag-log') !== undefined).toBe(logs);
  });
});

describe('facts about libseccomp', () => {
  it('names releases that exist', () => {
    for (const { since, fact } of releaseFacts) expect(libseccompReleases, fact).toContain(since);
  });

  it('takes a distribution’s release for its upstream one', () => {
    expect(releaseHas('2.5.4-1+deb12u1', 'empty-binary-tree')).toBe(true);
    expect(releaseHas('2.5.3', 'empty-binary-tree')).toBe(false);
  });
});
