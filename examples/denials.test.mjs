// A test of your own that fails when a program starts to need a call that its container denies: node --test
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { spawn } from 'callgate/linux';

async function denialsOf(command, ...args) {
  const denials = new Map();
  const options = { seccomp: 'docker@28.5.2', capabilities: [], stdio: 'ignore' };
  const child = spawn(command, args, { ...options, onDenial: ({ text }) => denials.set(text, true) });
  await once(child, 'close');
  return [...denials.keys()];
}

test('reading a file is denied nothing', async () => {
  assert.deepEqual(await denialsOf('cat', '/etc/hostname'), []);
});

test('a user namespace is', async () => {
  assert.deepEqual(await denialsOf('unshare', '-U', 'true'), ['unshare(CLONE_NEWUSER) → EPERM']);
});
