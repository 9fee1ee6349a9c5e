import { Worker } from 'node:worker_threads';
import type { ArgumentShape, ArgumentString } from '../supervisor/denial.js';
import { workerEntry } from '../workerEntry.js';
import { READER, READER_WORDS, type ReaderData, STATE } from './readerProtocol.js';

/** Reads the strings of a call; undefined when the caller's memory held the reading up. */
export type ReadStrings = (
  pid: number,
  shape: ArgumentShape,
  args: readonly bigint[],
) => readonly ArgumentString[] | undefined;

/** Milliseconds for the strings of a call. A page that has to come from a disk takes a few. */
const PATIENCE = 100;
/** And for a thread that is just starting, from its start on: one that does not come must not hold up every call. */
const PATIENCE_AT_START = 2000;
/** Threads that memory may hold up at once; beyond that nothing is read any more. */
const MOST_STUCK = 8;
const ANSWER_BYTES = 16 * 1024;

/**
 * Reads other processes' memory in a thread of its own. A container can let a read of its memory wait for ever
 * (userfaultfd, FUSE), nothing but its own end wakes the reader then, and one container must not hold up the agent's
 * answers to all others: the reader is left behind, and another thread takes its place.
 *
 * @param onStuck is told how many readers are left behind
 */
export function guardedReader(onStuck: (count: number) => void): {
  readonly read: ReadStrings;
  readonly stop: () => void;
} {
  let stuck = 0;
  const start = (): ReaderData => {
    const data: ReaderData = {
      words: new Int32Array(new SharedArrayBuffer(4 * READER_WORDS)),
      args: new BigInt64Array(new SharedArrayBuffer(8 * 6)),
      answer: new Uint8Array(new SharedArrayBuffer(ANSWER_BYTES)),
    };
    const thread = new Worker(workerEntry('memoryReaderWorker'), {
      execArgv: [],
      workerData: data,
      name: 'callgate memory reader',
    });
    thread.unref();
    return data;
  };
  let reader = start();
  let expected = Date.now() + PATIENCE_AT_START;
  const read: ReadStrings = (pid, shape, args) => {
    if (!shape.includes('s')) return [];
    if (stuck >= MOST_STUCK) return [];
    const { words, args: registers, answer } = reader;
    let mask = 0;
    for (let index = 0; index < 6; index++) {
      if (shape[index] === 's') mask |= 1 << index;
      registers[index] = BigInt.asIntN(64, args[index] ?? 0n);
    }
    words[READER.pid] = pid;
    words[READER.mask] = mask;
    const left = Math.max(0, expected - Date.now());
    if (Atomics.wait(words, READER.state, STATE.starting, left) === 'timed-out') return [];
    Atomics.store(words, READER.state, STATE.asked);
    Atomics.notify(words, READER.state);
    if (Atomics.wait(words, READER.state, STATE.asked, PATIENCE) === 'timed-out') {
      Atomics.store(words, READER.state, STATE.left);
      onStuck(++stuck);
      if (stuck < MOST_STUCK) reader = start();
      expected = Date.now() + PATIENCE_AT_START;
      return undefined;
    }
    // A copy: decoders take no shared memory.
    const text = new TextDecoder().decode(answer.slice(0, words[READER.length] ?? 0));
    return JSON.parse(text) as readonly ArgumentString[];
  };
  return {
    read,
    stop: () => {
      Atomics.store(reader.words, READER.state, STATE.left);
      Atomics.notify(reader.words, READER.state);
    },
  };
}
