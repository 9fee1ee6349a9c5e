import type { Command } from 'commander';
import { CallgateError } from '../../error.js';
import { kubernetesFacts } from '../../kubernetes/facts.js';
import { listenAddress } from '../../linux/agent/listenAddress.js';
import { type NodeAgent, startNodeAgent } from '../../linux/agent/nodeAgent.js';
import { agentPath } from '../../linux/watch/agentPath.js';
import type { Io } from '../io/io.js';
import { untilSignal } from '../page/untilSignal.js';
import type { Verb } from '../verb.js';
import { agentLines } from './agent/lines.js';
import { errnoFlag } from './watch/errnoFlag.js';
import { steadyOut } from './watch/steadyOut.js';

interface Flags {
  readonly profiles?: string;
  readonly seccompRoot: string;
  readonly name: string;
  readonly overwrite?: boolean;
  readonly listenerPath?: string;
  readonly defaultErrno: string;
  readonly audit?: string;
  readonly listen: string;
  readonly hostName: readonly string[];
  readonly mostSeries: string;
  readonly mostLines: string;
}

const { path: kubelet, seccomp } = kubernetesFacts.kubeletRoot;

export const agentVerb: Verb = {
  name: 'agent',
  define: (command, io, exit) => {
    define(command, io.env).action(async (flags: Flags) => {
      await run(flags, io);
      exit(0);
    });
  },
};

function define(command: Command, env: Io['env']): Command {
  return command
    .description(
      'Serve a node: keep profiles in place, watch containers, decode the audit stream, offer metrics.',
    )
    .option('--profiles <dir>', 'directory of profiles to keep in place: a mounted ConfigMap')
    .option('--seccomp-root <dir>', 'where the kubelet looks for them', `${kubelet}/${seccomp}`)
    .option('--name <name>', 'of the list of installed files: that of a DaemonSet before it', 'callgate')
    .option('--overwrite', 'replace files of the same name that something else installed')
    .option('--listener-path <socket>', `where runtimes hand over listeners (default: ${agentPath(env)})`)
    .option(
      '--default-errno <errno>',
      'what calls get whose profile callgate extend --watch did not write',
      'EPERM',
    )
    .option('--audit <file>', 'follow this log, rotated or not; - is standard input (journalctl -f -o json)')
    .option('--listen <address:port>', 'for metrics and probes', '127.0.0.1:9464')
    .option('--host-name <name>', 'that requests may have as Host, beside addresses', gather, [])
    .option('--most-series <number>', 'of denials, beside those that are counted as "other"', '2000')
    .option('--most-lines <number>', 'that are written a second', '200')
    .addHelpText(
      'after',
      `
One process for one node, made for a DaemonSet: callgate k8s distribute --as agent writes one. docs/agent.md says what it
needs and what it costs.

Output: an object a line (event: listening, profile, started, denial, ended, audit, problem, suppressed, summary). HTTP:
/metrics for Prometheus, /healthz, /readyz. It listens on the loopback address unless --listen says otherwise.

Exit: 0 when ended by a signal, 2 for bad input or when it cannot listen.

Examples:
  callgate agent
  callgate agent --profiles /etc/callgate/profiles --audit /var/log/audit/audit.log
  journalctl -f -o json _TRANSPORT=audit | callgate agent --audit -
  callgate agent --listen 0.0.0.0:9464
`,
    );
}

async function run(flags: Flags, io: Io): Promise<void> {
  const { profiles, seccompRoot, name, overwrite, audit, listenerPath } = flags;
  if (!/^[\w][\w.-]{0,62}$/.test(name))
    throw new CallgateError('USAGE', `--name ${name}`, { expected: 'letters, digits, . _ -' });
  const results = steadyOut(io);
  const lines = agentLines(results.out);
  const ended = untilSignal();
  const agent = await startNodeAgent({
    socketPath: listenerPath ?? agentPath(io.env),
    defaultErrno: errnoFlag(flags.defaultErrno, '--default-errno'),
    ...(profiles === undefined
      ? {}
      : { profiles: { source: profiles, target: seccompRoot, name, overwrite: overwrite === true } }),
    ...(audit === undefined ? {} : { audit }),
    http: listenAddress(flags.listen),
    hostNames: flags.hostName.map((word) => word.toLowerCase()),
    mostSeries: numberOf(flags.mostSeries, '--most-series'),
    mostEvents: numberOf(flags.mostLines, '--most-lines'),
    tell: lines.event,
  });
  lines.listening(agent);
  try {
    await untilEnd(agent, ended);
  } finally {
    lines.summary(agent.counts());
    await results.end();
  }
}

/** Ends with a signal, or with the death of the thread that answers. */
async function untilEnd(agent: NodeAgent, signal: Promise<void>): Promise<void> {
  void signal.then(() => agent.close()).catch(() => undefined);
  await agent.closed;
}

function gather(word: string, before: readonly string[]): readonly string[] {
  return [...before, word];
}

const MOST = 100_000;

function numberOf(word: string, flag: string): number {
  const number = /^\d{1,6}$/.test(word) ? Number(word) : 0;
  if (number >= 1 && number <= MOST) return number;
  throw new CallgateError('USAGE', `${flag} ${word}`, { expected: `1 to ${MOST}` });
}
