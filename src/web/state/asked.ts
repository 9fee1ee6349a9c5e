import { type ReadonlySignal, signal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Failure } from '../core/failure.js';
import { failureFrom } from './client.js';

/** An answer that is on its way, is there, or was refused. While a new one is on its way the old one stays. */
export interface AskedFor<T> {
  readonly reply: T | undefined;
  readonly failure: Failure | undefined;
  readonly waiting: boolean;
}

/**
 * Asks again whenever a signal that `question` reads changes; an answer that comes late is dropped.
 *
 * @param question undefined: there is nothing to ask
 */
export function useAsked<T>(question: () => Promise<T> | undefined): ReadonlySignal<AskedFor<T>> {
  const state = useRef(signal<AskedFor<T>>({ reply: undefined, failure: undefined, waiting: false })).current;
  const latest = useRef(0);
  useSignalEffect(() => {
    const mine = ++latest.current;
    const promise = question();
    if (promise === undefined) {
      state.value = { reply: undefined, failure: undefined, waiting: false };
      return;
    }
    state.value = { ...state.peek(), waiting: true };
    promise.then(
      (reply) => {
        if (mine === latest.current) state.value = { reply, failure: undefined, waiting: false };
      },
      (error: unknown) => {
        if (mine === latest.current)
          state.value = { reply: undefined, failure: failureFrom(error), waiting: false };
      },
    );
  });
  return state;
}
