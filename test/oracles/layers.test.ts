import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithOracle, hasCommand, isRoot } from '../oracle.js';
import { type Asker, asker, foretell, lacking } from './layers/ask.js';
import { cases, type LayerCase } from './layers/cases.js';

const title = ({ call, add = [], drop = [], filtered, uid, before, facts }: LayerCase): string =>
  [
    call,
    filtered === true ? 'docker’s filter' : 'no filter',
    ...add.map((name) => `+${name}`),
    ...drop.map((name) => `-${name}`),
    ...(uid === undefined ? [] : [`uid ${uid}`]),
    ...(before === undefined ? [] : ['own user namespace']),
    ...[...(facts?.sysctls ?? [])].map(([name, value]) => `${name}=${value}`),
    ...(facts?.apparmor === true || facts?.apparmorProfile !== undefined ? ['AppArmor'] : []),
  ].join(' · ');

/** The errno that a case foretells: what the first layer says, or what the call answers once it is let through. */
function foretold({ predicted, then = '0' }: LayerCase): string {
  if (predicted === 'runs') return then;
  return predicted[predicted.length - 1] ?? '';
}

describe('the layers of a call, foretold', () => {
  test.each(cases.map((row) => [title(row), row] as const))('%s', async (_, row) => {
    const { effect, layers } = await foretell(row);
    const { predicted } = row;
    if (predicted === 'runs') {
      expect(effect).toEqual({ result: 'runs', by: 'kernel' });
    } else if (predicted[0] === 'may') {
      const [, layer, errno] = predicted;
      expect(effect).toEqual({ result: 'runs', by: 'kernel' });
      expect(layers).toContainEqual(expect.objectContaining({ layer, errno, verdict: 'depends' }));
    } else {
      const [by, result] = predicted;
      expect(effect).toEqual({ result, by });
    }
  });

  test('are many, and most of them are asked of the kernel', () => {
    expect(cases.length).toBeGreaterThanOrEqual(30);
    expect(cases.filter(({ notRun }) => notRun === undefined).length).toBeGreaterThanOrEqual(30);
  });
});

const lacks = !isRoot ? 'root' : process.arch !== 'x64' ? 'x86-64' : hasCommand('gcc') ? undefined : 'gcc';

describeWithOracle(lacks, 'the layers of a call, asked of the kernel', () => {
  let kernel: Asker;
  beforeAll(() => {
    kernel = asker();
  });
  afterAll(() => kernel.remove());

  for (const row of cases) {
    const why = lacking(row);
    const name = `${title(row)} → ${foretold(row)}`;
    if (why !== undefined) test.skip(`${name} (not asked: ${why})`, () => {});
    else test(name, async () => expect(await kernel.ask(row)).toBe(foretold(row)));
  }
});
