import type { ServerResponse } from 'node:http';
import type { LiveDenial, LiveHead } from '../../web/live/liveGroup.js';
import { createGroups } from './liveGroups.js';

/** Denials on their way to every page that is open. */
export interface LiveFeed {
  readonly denial: (denial: LiveDenial) => void;
  /** Something that is worth a line: the command ended, the supervisor was lost. */
  readonly say: (text: string) => void;
  /** A page listens: it gets all that was before, then what changes. */
  readonly connect: (response: ServerResponse) => void;
  readonly close: () => void;
}

/** Milliseconds between two messages at least: a storm of denials is a few messages. */
const PAUSE = 10;
/** Proxies and browsers give up on silent connections. */
const HEARTBEAT = 15_000;
/** Milliseconds after which a page that was cut off comes back. */
const RETRY = 500;
const MOST_LINES = 100;

interface Listener {
  readonly response: ServerResponse;
  /** Groups that it has not been told of. */
  readonly behind: Set<string>;
}

export function createFeed(head: LiveHead): LiveFeed {
  const groups = createGroups();
  const lines: string[] = [];
  const listeners = new Set<Listener>();
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    timer = undefined;
    for (const { response, behind } of listeners) {
      // A page that does not keep up is told the newest state later, not everything between.
      if (behind.size === 0 || response.writableNeedDrain) continue;
      send(response, 'groups', groups.some(behind));
      behind.clear();
    }
  };
  const soon = (): void => {
    timer ??= setTimeout(flush, PAUSE);
  };
  const heartbeat = setInterval(() => {
    for (const { response } of listeners) response.write(': still here\n\n');
  }, HEARTBEAT);
  heartbeat.unref();

  return {
    denial: (denial) => {
      const key = groups.add(denial);
      for (const { behind } of listeners) behind.add(key);
      if (listeners.size > 0) soon();
    },
    say: (text) => {
      if (lines.length >= MOST_LINES) return;
      lines.push(text);
      for (const { response } of listeners) send(response, 'lines', lines);
    },
    connect: (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', connection: 'keep-alive' });
      response.write(`retry: ${RETRY}\n\n`);
      send(response, 'head', head);
      send(response, 'lines', lines);
      const listener: Listener = { response, behind: new Set(groups.keys()) };
      listeners.add(listener);
      response.on('drain', soon);
      response.on('close', () => listeners.delete(listener));
      flush();
    },
    close: () => {
      clearInterval(heartbeat);
      clearTimeout(timer);
      flush();
      for (const { response } of listeners) response.end();
    },
  };
}

/** JSON has no line ends of its own, so one line holds it. */
function send(response: ServerResponse, event: string, data: unknown): void {
  response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
