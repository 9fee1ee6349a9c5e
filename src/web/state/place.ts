import { batch, computed, effect, signal } from '@preact/signals';
import type { VerdictKind } from '../core/verdictKinds.js';
import { type ContextWords, defaultWords } from '../core/words.js';
import { fromHash, type Place, toHash, type View } from './hash.js';

export const view = signal<View>('map');
export const words = signal<ContextWords>(defaultWords);
export const other = signal<ContextWords>(defaultWords);
export const call = signal('');
export const search = signal('');
export const only = signal<readonly VerdictKind[]>([]);
/** What stands in the fix view's field. */
export const pasted = signal('');

const place = computed<Place>(() => ({
  view: view.value,
  words: words.value,
  other: other.value,
  call: call.value,
  search: search.value,
  only: only.value,
  text: pasted.value,
}));

let written = '';

/** Keeps the address and the signals the same, both ways. */
export async function followAddress(): Promise<void> {
  await read();
  addEventListener('hashchange', () => {
    if (location.hash !== written) void read();
  });
  let last: View = view.peek();
  effect(() => {
    const now = place.value;
    void write(now, now.view !== last);
    last = now.view;
  });
}

async function read(): Promise<void> {
  written = location.hash;
  const found = await fromHash(location.hash);
  batch(() => {
    view.value = found.view;
    words.value = found.words;
    other.value = found.other;
    call.value = found.call;
    search.value = found.search;
    only.value = found.only;
    if (found.text !== '') pasted.value = found.text;
  });
}

let writes = 0;

/** Another view is another entry of the history; a control that moves is not. */
async function write(now: Place, isNew: boolean): Promise<void> {
  const mine = ++writes;
  const hash = await toHash(now);
  if (mine !== writes && !isNew) return;
  if (hash === location.hash) return;
  written = hash;
  if (isNew) history.pushState(null, '', hash);
  else history.replaceState(null, '', hash);
}
