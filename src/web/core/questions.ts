import type { EngineName } from '../../engine/context.js';
import type { AbiName } from '../../syscalls/abi.js';
import { mapOf } from './map.js';
import type { ContextWords } from './words.js';
import { releasesOf, tableOf, worldOf } from './world.js';

/**
 * Everything that the page asks its workers. Answers are plain data: they are copied from one thread to the other.
 * What the map needs is there at once, the rest is fetched when it is first asked for.
 */
export const questions = {
  world: async () => worldOf(),
  releases: (engine: EngineName) => releasesOf(engine),
  table: async (arch: AbiName) => tableOf(arch),
  map: (words: ContextWords) => mapOf(words),
  timeline: async (words: ContextWords) => (await import('./timeline.js')).timelineOf(words),
  cell: async (words: ContextWords, call: string) => (await import('./cell.js')).cellOf(words, call),
  strip: async (words: ContextWords, call: string, engine: EngineName) =>
    (await import('./strips.js')).stripOf(words, call, engine),
  compare: async (left: ContextWords, right: ContextWords) =>
    (await import('./compare.js')).compareOf(left, right),
  fix: async (words: ContextWords, text: string) => (await import('./fix.js')).fixOf(words, text),
  lint: async (words: ContextWords) => (await import('./editor.js')).lintOf(words),
  mend: async (words: ContextWords) => (await import('./editor.js')).mendedOf(words),
  startingText: async (words: ContextWords) => (await import('./editor.js')).startingText(words),
  proposals: async (text: string, offset: number) =>
    (await import('../../editor/complete.js')).proposalsAt(text, offset),
  filter: async (words: ContextWords) => (await import('./filter.js')).filterOf(words),
  trace: async (words: ContextWords, call: string) => (await import('./trace.js')).traceOf(words, call),
} as const;

export type Questions = typeof questions;
