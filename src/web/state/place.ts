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

/** The address as it was last read or written. */
let written = '';
/** An address is being read: what the signals still say is of the place before. */
let isReading = false;
let writes = 0;
/** A write that a later one overtook was for another view. */
let owesEntry = false;

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
  const hash = location.hash;
  written = hash;
  isReading = true;
  const found = await fromHash(hash);
  // Yet another one has been opened meanwhile.
  if (hash !== written) return;
  isReading = false;
  writes++;
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

/** Another view is another entry of the history; a control that moves is not. */
async function write(now: Place, isNew: boolean): Promise<void> {
  if (isReading) return;
  const mine = ++writes;
  owesEntry ||= isNew;
  const hash = await toHash(now);
  // A later change, or another address that has been opened and is about to be read.
  if (mine !== writes || isReading || location.hash !== written) return;
  const isEntry = owesEntry;
  owesEntry = false;
  if (hash === written) return;
  written = hash;
  if (isEntry) history.pushState(null, '', hash);
  else history.replaceState(null, '', hash);
}
