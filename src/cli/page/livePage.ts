import type { LiveHead } from '../../web/live/liveGroup.js';
import type { Io } from '../io/io.js';
import { createFeed, type LiveFeed } from './liveFeed.js';
import { servePage } from './pageServer.js';

/** The page of a verb that hears of denied calls. */
export interface LivePage {
  readonly feed: LiveFeed;
  readonly close: () => Promise<void>;
}

/** Serves the page with a stream of denied calls, and says where. */
export async function openLivePage(head: LiveHead, io: Io): Promise<LivePage> {
  const feed = createFeed(head);
  const server = await servePage({ port: 0, feed });
  io.err(`callgate: the page is at ${server.url}#/live\n`);
  return {
    feed,
    close: async () => {
      feed.close();
      await server.close();
    },
  };
}
