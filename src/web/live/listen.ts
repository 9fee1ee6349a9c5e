import type { LiveGroup, LiveHead } from './liveGroup.js';

interface Listeners {
  readonly onState: (state: 'connected' | 'lost') => void;
  readonly onHead: (head: LiveHead) => void;
  readonly onLines: (lines: readonly string[]) => void;
  readonly onGroups: (groups: readonly LiveGroup[]) => void;
}

/** Listens to callgate's stream; the browser connects again by itself, and the server then tells the whole state. */
export function listen({ onState, onHead, onLines, onGroups }: Listeners): () => void {
  const source = new EventSource('./events');
  const on = <T>(event: string, take: (data: T) => void): void =>
    source.addEventListener(event, ({ data }: MessageEvent<string>) => take(JSON.parse(data) as T));
  source.addEventListener('open', () => onState('connected'));
  source.addEventListener('error', () => onState('lost'));
  on('head', onHead);
  on('lines', onLines);
  on('groups', onGroups);
  return () => source.close();
}
