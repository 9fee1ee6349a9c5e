import { batch, computed, effect, type Signal, signal } from '@preact/signals';
import type { AbiName } from '../../syscalls/abi.js';
import type { Failure } from '../core/failure.js';
import type { CellVerdict, ContextView, MapReply } from '../core/map.js';
import type { ContextWords } from '../core/words.js';
import type { CallView } from '../core/world.js';
import { ask, failureFrom } from './client.js';
import { words } from './place.js';

/** A call of the map; its verdict is a signal of its own, so that a change draws one cell and not all. */
export interface Cell {
  readonly call: CallView;
  readonly verdict: Signal<CellVerdict>;
  /** The verdict's word before the last change, while it shows. */
  readonly before: Signal<string | undefined>;
}

export const cells = signal<readonly Cell[]>([]);
export const context = signal<ContextView | undefined>(undefined);
export const notes = signal<readonly string[]>([]);
/** Why there is no verdict. */
export const failure = signal<Failure | undefined>(undefined);

/** What the last move changed. */
export const changes = signal<readonly CellChange[]>([]);
/** Whether a control has been moved since the page, or another architecture, came up. */
export const moved = signal(false);

export interface CellChange {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export const counts = computed(() => {
  const found = new Map<CellVerdict['kind'], number>();
  for (const { verdict } of cells.value)
    found.set(verdict.value.kind, (found.get(verdict.value.kind) ?? 0) + 1);
  return found;
});

const NONE: CellVerdict = { kind: 'none', word: 'not known' };

let asking = false;
let wanted: ContextWords | undefined;

/** Asks for the map of the words, whenever they change. Of questions that wait only the last one is asked. */
export function followWords(): void {
  effect(() => {
    wanted = words.value;
    if (!asking) void askMaps();
  });
}

async function askMaps(): Promise<void> {
  asking = true;
  try {
    while (wanted !== undefined) {
      const now = wanted;
      wanted = undefined;
      await showMap(now);
    }
  } finally {
    asking = false;
  }
}

async function showMap(now: ContextWords): Promise<void> {
  try {
    const reply = await ask('map', now);
    const table = await tableFor(reply.context.arch);
    batch(() => show(reply, table));
  } catch (error) {
    batch(() => showFailure(failureFrom(error)));
  }
  performance.mark('callgate-map-shown');
}

/** Nothing of the context before is left to be taken for this one's. */
function showFailure(why: Failure): void {
  failure.value = why;
  context.value = undefined;
  notes.value = [];
  changes.value = [];
  for (const { verdict, before } of cells.peek()) {
    verdict.value = NONE;
    before.value = undefined;
  }
}

const tables = new Map<AbiName, Promise<readonly CallView[]>>();

function tableFor(arch: AbiName): Promise<readonly CallView[]> {
  const table = tables.get(arch) ?? ask('table', arch);
  tables.set(arch, table);
  return table;
}

function show(reply: MapReply, table: readonly CallView[]): void {
  context.value = reply.context;
  notes.value = reply.notes;
  failure.value = reply.failure;
  const verdictAt = (index: number): CellVerdict => reply.cells[index] ?? NONE;
  const old = cells.peek();
  if (old.length !== table.length || old[0]?.call !== table[0]) {
    cells.value = table.map((call, index) => ({
      call,
      verdict: signal(verdictAt(index)),
      before: signal(undefined),
    }));
    changes.value = [];
    moved.value = false;
    return;
  }
  const changed: CellChange[] = [];
  for (const [index, { call, verdict, before }] of old.entries()) {
    const [was, is] = [verdict.peek(), verdictAt(index)];
    if (was.word === is.word && was.cases === is.cases) {
      if (before.peek() !== undefined) before.value = undefined;
      continue;
    }
    verdict.value = is;
    // A container that does not start says nothing of its calls, before or after.
    if (was.kind === 'none' || is.kind === 'none') {
      before.value = undefined;
      continue;
    }
    before.value = was.word;
    changed.push({ name: call.name, from: was.word, to: is.word === was.word ? 'other arguments' : is.word });
  }
  changes.value = changed;
  moved.value = true;
}
