import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { steadyOut } from '../../src/cli/verbs/watch/steadyOut.js';
import { CallgateError } from '../../src/error.js';

function world() {
  const state = { ready: true, full: false, unread: false, written: '', said: '' };
  const lines = steadyOut(
    {
      out: (text) => {
        if (state.full) throw new CallgateError('HOST', 'cannot write standard output: no space');
        state.written += state.unread ? '' : text;
      },
      err: (text) => {
        state.said += text;
      },
      isUnread: () => state.unread,
    },
    () => state.ready,
  );
  return { state, lines };
}

it('writes, in order, what waited for a slow reader', async () => {
  const { state, lines } = world();
  lines.out('1\n');
  state.ready = false;
  for (const text of ['2\n', '3\n', `${'x'.repeat(5000)}\n`]) lines.out(text);
  expect(state.written).toBe('1\n');
  state.ready = true;
  await lines.end();
  expect(state.written).toBe(`1\n2\n3\n${'x'.repeat(5000)}\n`);
  expect(state.said).toBe('');
});

it('gives a reader up that never comes, and counts what is lost', async () => {
  const { state, lines } = world();
  state.ready = false;
  for (let index = 0; index < 3000; index++) lines.out(`${'x'.repeat(1000)}\n`);
  await lines.end();
  expect(state.written).toBe('');
  expect(state.said).toMatch(
    /^callgate: note: standard output is not read fast enough; calls are answered on\ncallgate: note: standard output is not read; calls are answered on\ncallgate: note: 3000 lines were not written\n$/,
  );
});

it('says once that a disk is full, goes on when it is not, and does not continue a torn line', async () => {
  const { state, lines } = world();
  lines.out('1\n');
  state.full = true;
  lines.out('2\n');
  lines.out('3\n');
  state.full = false;
  lines.out('4\n');
  lines.out('5\n');
  await lines.end();
  expect(state.written).toBe('1\n\n4\n5\n');
  expect(state.said).toBe(
    'callgate: note: cannot write standard output: no space; calls are answered on\ncallgate: note: 2 lines were not written\n',
  );
});

it('says once that the reader has gone', async () => {
  const { state, lines } = world();
  state.unread = true;
  lines.out('1\n');
  await sleep(0);
  lines.out('2\n');
  await lines.end();
  expect(state.said).toBe(
    'callgate: note: nobody reads standard output any more; calls are answered on\ncallgate: note: 2 lines were not written\n',
  );
});

it('lets defects through', () => {
  const { lines } = world();
  const broken = steadyOut(
    {
      out: () => {
        throw new TypeError('defect');
      },
      err: () => undefined,
    },
    () => true,
  );
  expect(() => broken.out('1\n')).toThrow('defect');
  expect(() => lines.out('1\n')).not.toThrow();
});
