import { expect, it } from 'vitest';
import { nearest } from '../../src/profile/nearest.js';

it.each([
  ['nmaes', 'names'],
  ['Names', 'names'],
  ['name', 'names'],
  ['actoin', 'action'],
  ['syscall', 'syscalls'],
  ['', undefined],
  ['zzzzzz', undefined],
  ['x'.repeat(1000), undefined],
])('nearest to %s is %s', (word, found) => {
  expect(nearest(word, ['names', 'action', 'syscalls'])).toBe(found);
});

it('adds the prefixes of seccomp’s words', () => {
  const words = ['SCMP_ARCH_X86', 'SCMP_ARCH_X86_64', 'CAP_SYS_ADMIN', 'CAP_ADMIN'];
  expect(nearest('x86_64', words)).toBe('SCMP_ARCH_X86_64');
  expect(nearest('sys_admin', words)).toBe('CAP_SYS_ADMIN');
  expect(nearest('admin', words)).toBe('CAP_ADMIN');
});
