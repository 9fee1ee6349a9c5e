import { expect, test } from 'vitest';
import { parseCallOrText } from '../../src/explain/callOrText.js';

test.each<[text: string, expected: string]>([
  ['clone3', 'call'],
  ['socket(AF_VSOCK, _, 0)', 'call'],
  ['', 'error: a call is missing here'],
  ['clnoe3', 'error: no system call is called clnoe3'],
  ['socket(familly=40)', 'error: socket has no argument familly'],
  ['socket(AF_VSOK)', 'error: no constant is called AF_VSOK'],
  ['clone(SIGCHLD', 'error: the arguments do not end here'],
  ['clone((SIGCHLD)', 'error: the arguments do not end here'],
  // A line of strace has a result or says why it has none.
  ['socket(AF_VSOCK, SOCK_STREAM, 0) = -1 EPERM (Operation not permitted)', 'text'],
  ['clone(child_stack=NULL, flags=CLONE_VM <unfinished ...>', 'text'],
  ['initgroups(root, 0) failed (Operation not permitted)', 'text'],
  ['pthread_create failed (EPERM)', 'text'],
  ['popen failure: Cannot allocate memory', 'text'],
  ['Operation not permitted', 'text'],
])('%j is %s', (text, expected) => {
  expect(read(text)).toBe(expected);
});

function read(text: string): string {
  try {
    return parseCallOrText(text, 'x86_64') === undefined ? 'text' : 'call';
  } catch (error) {
    return `error: ${(error as Error).message}`;
  }
}
