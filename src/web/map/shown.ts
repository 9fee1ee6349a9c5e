import { computed, signal } from '@preact/signals';
import type { CallView } from '../core/world.js';
import { search } from '../state/place.js';
import { titleOf } from './categories.js';

/** Every call by its name, or all of them on one screen. */
export const density = signal<'names' | 'overview'>('names');

/** Whether a call is what was searched for: part of a name, a number, 0x…, or a word of its purpose. */
export const matches = computed<(call: CallView) => boolean>(() => {
  const text = search.value.trim().toLowerCase();
  if (text === '') return () => true;
  const number = /^(?:syscall_)?(0x[0-9a-f]+|\d+)$/.exec(text)?.[1];
  if (number !== undefined) return (call) => call.number === Number(number);
  return ({ name, category, purpose }) =>
    name.includes(text) ||
    titleOf(category).toLowerCase().includes(text) ||
    purpose.toLowerCase().includes(text);
});
