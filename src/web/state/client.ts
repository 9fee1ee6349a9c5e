import type { Failure } from '../core/failure.js';
import type { Answered, Asked } from '../core/protocol.js';
import type { Questions } from '../core/questions.js';

type Question = keyof Questions;
type Reply<Q extends Question> = Awaited<ReturnType<Questions[Q]>>;

/** What a worker could not answer; `failure` says why. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

export type Ask = <Q extends Question>(question: Q, ...args: Parameters<Questions[Q]>) => Promise<Reply<Q>>;

/** A worker that answers questions about seccomp, so that the page itself never waits. */
function openWorker(name: string): Ask {
  const worker = new Worker(new URL('../core/worker.ts', import.meta.url), { type: 'module', name });
  const waiting = new Map<number, { resolve: (reply: never) => void; reject: (reason: Refused) => void }>();
  let next = 0;
  worker.addEventListener('message', ({ data }: MessageEvent<Answered>) => {
    const { id, reply, failure } = data;
    const waiter = waiting.get(id);
    waiting.delete(id);
    if (failure === undefined) waiter?.resolve(reply as never);
    else waiter?.reject(new Refused(failure));
  });
  return (question, ...args) =>
    new Promise((resolve, reject) => {
      const id = next++;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, question, args } satisfies Asked);
    });
}

/** Answers that the map waits for. */
export const ask: Ask = openWorker('callgate');

let second: Ask | undefined;

/** Answers that take longer: the map's worker stays free. The thread is started when it is first needed. */
export const askAtLength: Ask = (question, ...args) => {
  second ??= openWorker('callgate, at length');
  return second(question, ...args);
};

/** The failure of a question; a defect is thrown on. */
export function failureFrom(error: unknown): Failure {
  if (error instanceof Refused) return error.failure;
  throw error;
}
