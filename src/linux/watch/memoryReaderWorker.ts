import { workerData } from 'node:worker_threads';
import { libc } from '../ffi.js';
import type { ArgumentString } from '../supervisor/denial.js';
import { stringReader } from '../supervisor/processMemory.js';
import { READER, type ReaderData, STATE } from './readerProtocol.js';

// Entry of a reader's thread: it answers one call after the other, and may wait for a container's memory for ever.
const { words, args, answer } = workerData as ReaderData;
const readString = stringReader(libc());

Atomics.compareExchange(words, READER.state, STATE.starting, STATE.idle);
Atomics.notify(words, READER.state);
for (;;) {
  Atomics.wait(words, READER.state, STATE.idle);
  const state = Atomics.load(words, READER.state);
  if (state === STATE.left) break;
  if (state !== STATE.asked) continue;
  const strings: ArgumentString[] = [];
  for (let index = 0; index < 6; index++) {
    if (((words[READER.mask] ?? 0) & (1 << index)) === 0) continue;
    const address = BigInt.asUintN(64, args[index] ?? 0n);
    const text = readString(words[READER.pid] ?? 0, index, address);
    if (text !== undefined) strings.push(text);
  }
  const bytes = new TextEncoder().encode(JSON.stringify(strings));
  answer.set(bytes.subarray(0, answer.length));
  words[READER.length] = Math.min(bytes.length, answer.length);
  // Whoever asked may have gone on meanwhile.
  if (Atomics.compareExchange(words, READER.state, STATE.asked, STATE.idle) === STATE.left) break;
  Atomics.notify(words, READER.state);
}
