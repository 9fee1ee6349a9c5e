import { failureOf } from './failure.js';
import type { Answered, Asked } from './protocol.js';
import { questions } from './questions.js';

/** The worker's side: one answer for each question, in whatever order they are done. */
addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  void answer(data);
});

async function answer({ id, question, args }: Asked): Promise<void> {
  try {
    // The client's types pair each question with its arguments; over the wire they are a list.
    const ask = questions[question] as (...values: readonly unknown[]) => Promise<unknown>;
    send({ id, reply: await ask(...args) });
  } catch (error) {
    send({ id, failure: failureOf(error) });
  }
}

function send(answered: Answered): void {
  postMessage(answered);
}
