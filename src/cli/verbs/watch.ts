import { agentPath } from '../../linux/watch/agentPath.js';
import { type Watch, watch } from '../../linux/watch/watch.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { watchedLiveDenial } from '../page/liveDenial.js';
import type { LiveFeed } from '../page/liveFeed.js';
import { openLivePage } from '../page/livePage.js';
import type { Verb } from '../verb.js';
import { errnoFlag } from './watch/errnoFlag.js';
import { type WatchOutput, watchAsJson, watchAsText } from './watch/output.js';
import { steadyOut } from './watch/steadyOut.js';

interface Flags {
  readonly format: 'human' | 'json';
  readonly listenerPath?: string;
  readonly ui?: boolean;
  readonly defaultErrno: string;
}

export const watchVerb: Verb = {
  name: 'watch',
  define: (command, io, exit) => {
    addFormat(command, ['human', 'json'])
      .description(
        'Print what running containers are denied: those whose profile callgate extend --watch wrote.',
      )
      .option('--listener-path <socket>', `where to listen (default: ${agentPath(io.env)})`)
      .option('--ui', 'serve the explorer page with each denied call as it happens')
      .option(
        '--default-errno <errno>',
        'what calls get whose profile callgate extend --watch did not write',
        'EPERM',
      )
      .addHelpText(
        'after',
        `
Runtimes hand the filter of a container to the agent when it starts; from then on the agent answers each denied call as
the original profile did. It never lets a call run. Ctrl-C ends it: running containers get ENOSYS for denied calls then,
and none starts with a watch profile until an agent listens again.

Output: a line for each kind of denied call of a container as it happens, a summary at the end; with --format json an
object a line (event: listening, started, denial, ended, problem, summary). docs/watch.md explains it.

Exit: 0 when ended by a signal, 2 for bad input or when it cannot listen.

Examples:
  callgate extend docker@28.5.2 --watch -o watch.json
  callgate watch
  callgate watch --ui
  callgate watch --format json --listener-path /run/seccomp/agent.sock
`,
      )
      .action(async (flags: Flags) => {
        await run(flags, io);
        exit(0);
      });
  },
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function run({ ui, ...flags }: Flags, io: Io): Promise<void> {
  let agent: Watch | undefined;
  let asked = false;
  const stop = (): void => {
    asked = true;
    void agent?.close().catch(() => undefined);
  };
  // From before it listens, so that no signal ends it without its socket being taken away.
  for (const signal of SIGNALS) process.on(signal, stop);
  const page = ui === true ? await openLivePage({ title: 'watch' }, io) : undefined;
  const lines = steadyOut(io);
  try {
    const output = outputTo(lines.out, io, flags.format);
    agent = await listen(flags, io, output, page?.feed);
    if (asked) stop();
    try {
      await agent.closed;
    } finally {
      output.summary(agent.counts());
    }
  } finally {
    await lines.end();
    await page?.close();
    for (const signal of SIGNALS) process.removeListener(signal, stop);
  }
}

function outputTo(out: Io['out'], io: Io, format: Flags['format']): WatchOutput {
  return format === 'json' ? watchAsJson({ out }) : watchAsText({ out, err: io.err, colour: io.colour });
}

async function listen(
  { listenerPath, defaultErrno }: Omit<Flags, 'ui'>,
  io: Io,
  output: WatchOutput,
  feed: LiveFeed | undefined,
): Promise<Watch> {
  const agent = await watch({
    socketPath: listenerPath ?? agentPath(io.env),
    defaultErrno: errnoFlag(defaultErrno, '--default-errno'),
    onDenial: (denial) => {
      output.denial(denial);
      feed?.denial(watchedLiveDenial(denial));
    },
    onContainer: output.container,
    onProblem: (text) => {
      output.problem(text);
      feed?.say(text);
    },
  });
  output.listening(agent.socketPath);
  return agent;
}
