import { CallgateError } from '../../error.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { jsonText, SCHEMA_VERSION } from '../output/json.js';
import { servePage } from '../page/pageServer.js';
import { untilSignal } from '../page/untilSignal.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly format: 'human' | 'json';
  readonly port: string;
}

export const uiVerb: Verb = {
  name: 'ui',
  define: (command, io, exit) => {
    addFormat(command, ['human', 'json'])
      .description('Serve the explorer page on this machine: map, compare, fix, profile editor and filter.')
      .option('--port <port>', 'default: any free one', '0')
      .addHelpText(
        'after',
        `
The page computes everything in the browser; nothing leaves it. It listens on 127.0.0.1 only, below an address that
holds a token. callgate run --ui and callgate watch --ui serve it with denied calls as they happen.

Exit: 0 when ended by a signal (Ctrl-C), 2 for bad input or when it cannot listen.

Examples:
  callgate ui
  callgate ui --port 8080
  callgate run --ui --like docker -- ./server
`,
      )
      .action(async (flags: Flags) => {
        await run(flags, io);
        exit(0);
      });
  },
};

async function run({ port, format }: Flags, io: Io): Promise<void> {
  const server = await servePage({ port: portOf(port) });
  io.out(
    format === 'json' ? jsonText({ schemaVersion: SCHEMA_VERSION, url: server.url }) : `${server.url}\n`,
  );
  io.err('callgate: Ctrl-C ends it\n');
  await untilSignal();
  await server.close();
}

function portOf(word: string): number {
  const port = /^\d{1,5}$/.test(word) ? Number(word) : -1;
  if (port >= 0 && port <= 65_535) return port;
  throw new CallgateError('USAGE', `--port ${word}: no such port`, { expected: '0 to 65535' });
}
