import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { isLive } from './isLive.js';
import { listen } from './listen.js';
import type { LiveGroup, LiveHead } from './liveGroup.js';
import { LiveTable } from './liveTable.js';

type State = 'connecting' | 'connected' | 'lost';

const WORDS: Readonly<Record<State, string>> = {
  connecting: 'Connecting …',
  connected: 'Connected',
  lost: 'Connection lost; trying again …',
};

/** Denied calls as they happen. */
export function LiveView() {
  const state = useSignal<State>('connecting');
  const head = useSignal<LiveHead | undefined>(undefined);
  const lines = useSignal<readonly string[]>([]);
  const groups = useSignal<ReadonlyMap<string, LiveGroup>>(new Map());
  useEffect(
    () =>
      isLive
        ? listen({
            onState: (now) => {
              state.value = now;
            },
            onHead: (told) => {
              head.value = told;
              // The whole state follows: what was here is of another connection.
              groups.value = new Map();
            },
            onLines: (told) => {
              lines.value = told;
            },
            onGroups: (changed) => {
              const next = new Map(groups.value);
              for (const group of changed) next.set(group.key, group);
              groups.value = next;
              // A page stays open for days: only the newest mark is kept.
              performance.clearMarks('callgate-denial-shown');
              performance.mark('callgate-denial-shown', {
                detail: Math.max(...changed.map(({ lastTime }) => lastTime)),
              });
            },
          })
        : undefined,
    [state, head, lines, groups],
  );
  if (!isLive) return <NotLive />;
  const all = [...groups.value.values()].sort((a, b) => b.lastTime - a.lastTime);
  const total = all.reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <div class="live-head">
        <h2>{head.value?.title ?? 'Live'}</h2>
        <span class="live-state" data-state={state.value} role="status">
          {WORDS[state.value]}
        </span>
      </div>
      {head.value?.context !== undefined && <p class="quiet">{head.value.context}</p>}
      {lines.value.map((line) => (
        <p key={line} class="remark">
          {line}
        </p>
      ))}
      {all.length === 0 ? (
        <p class="empty">Nothing has been denied yet.</p>
      ) : (
        <>
          <p class="live-total">
            <strong>{total}</strong> denied call{total === 1 ? '' : 's'} in {all.length} group
            {all.length === 1 ? '' : 's'}
          </p>
          <LiveTable groups={all} />
        </>
      )}
    </>
  );
}

function NotLive() {
  return (
    <div class="empty">
      <p>
        <strong>Denied calls show here as they happen</strong> when callgate itself serves the page:
      </p>
      <p>
        <code>callgate run --ui --like docker -- ./server</code>
      </p>
      <p>
        <code>callgate watch --ui</code>
      </p>
    </div>
  );
}
