import { expect, test } from 'vitest';
import { addFilterRule, createFilter, type Filter } from '../../src/runtime/libseccomp/filter.js';
import { MOST_WORK, TooMuchWork } from '../../src/runtime/libseccomp/node.js';

const ALL = 0xffff_ffff_ffff_ffffn;

/** Two comparisons in each rule, so that the graph has many ways through it. */
function addRules(filter: Filter, count: number): void {
  for (let index = 0; index < count; index++) {
    addFilterRule(filter, {
      name: 'read',
      action: { kind: 'allow' },
      comparisons: [
        { argument: index % 6, op: index % 2 === 0 ? 'ge' : 'lt', mask: ALL, datum: BigInt(index * 7919) },
        { argument: (index + 1) % 6, op: 'eq', mask: ALL, datum: BigInt(index) },
      ],
    });
  }
}

function filterWith(left: number): Filter {
  const filter = createFilter('2.5.6', 'x86_64', { kind: 'errno', errno: 1 });
  if (filter === undefined) return expect.fail('no filter');
  return { ...filter, work: { left } };
}

test('rules whose graph has too many ways through it are not followed to the end', () => {
  expect(() => addRules(filterWith(MOST_WORK), 60)).not.toThrow();
  expect(() => addRules(filterWith(10_000), 2000)).toThrow(TooMuchWork);
});
