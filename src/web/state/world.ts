import { computed, effect, signal } from '@preact/signals';
import type { EngineName } from '../../engine/context.js';
import type { TimelineMark } from '../core/timeline.js';
import type { ReleaseView, World } from '../core/world.js';
import { ask, askAtLength } from './client.js';
import { view, words } from './place.js';

export const world = signal<World | undefined>(undefined);
/** The engine's, in version order. */
export const releases = signal<readonly ReleaseView[]>([]);
/** Undefined until the releases have been gone through. */
export const marks = signal<readonly TimelineMark[] | undefined>(undefined);

const engine = computed<EngineName>(() => words.value.engine);
/** Everything but the version: marks stay as they are while the slider moves. */
const atAnyVersion = computed(() => JSON.stringify({ ...words.value, version: '' }));

export async function loadWorld(): Promise<void> {
  world.value = await ask('world');
  effect(() => {
    const name = engine.value;
    void ask('releases', name).then((found) => {
      if (engine.peek() === name) releases.value = found;
    });
  });
}

/** Milliseconds without a change before the releases are gone through. */
const PAUSE = 500;

/** Long work, begun when the page has been drawn. */
export function followMarks(): void {
  effect(() => {
    if (view.value !== 'map') return;
    const key = atAnyVersion.value;
    const timer = setTimeout(() => {
      askAtLength('timeline', words.peek()).then(
        (found) => {
          if (atAnyVersion.peek() === key) marks.value = found;
        },
        () => {
          // The map says what is wrong with these words.
          marks.value = [];
        },
      );
    }, PAUSE);
    return () => clearTimeout(timer);
  });
}
