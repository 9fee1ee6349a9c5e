import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EndedContainer } from '../../oracles/containers.js';
import { PATIENCE } from '../../patience.js';
import { type Agent, attach, startAgent } from './agent.js';
import type { Place, Scene, WatchFault, WatchOutcome } from './fault.js';
import { endingOf, longestOf, reportOf, violationsOf, wordOf } from './judge.js';
import { type Kit, makeKit, placeOf } from './kit.js';
import { sceneOf } from './scene.js';
import { LIMIT, settles } from './settles.js';

/** A kit that knows how many files an agent has open after a container to which nothing happened. */
export async function measuredKit(): Promise<Kit> {
  const kit = makeKit();
  let fds = 0;
  const act = async ({ agent, container }: Scene): Promise<readonly EndedContainer[]> => {
    const first = await container();
    fds = fdsOf(agent());
    return [first];
  };
  const { violations } = await watchUnder(kit, { name: 'no fault', act, ends: ['served'] });
  if (violations.length > 0) throw new Error(violations.join('; '));
  return { ...kit, fds };
}

/** Runs an agent and containers under a fault, and looks at what must never be. */
export async function watchUnder(kit: Kit, fault: WatchFault): Promise<WatchOutcome> {
  // Some faults mount others over temporary directories, and a socket's path is short.
  const directory = mkdtempSync('/run/callgate-fault-');
  const work = placeOf('work-');
  chmodSync(work, 0o755);
  mkdirSync(join(work, 'kept'));
  const place: Place = { directory, work, socket: join(directory, 'agent', 'watch.sock') };
  const started = Date.now();
  const agents: Agent[] = [];
  try {
    await fault.before?.(place);
    const agent = startAgent(fault, place);
    agents.push(agent);
    const { containers, violations, served } = await play(kit, fault, place, agent);
    const ending = endingOf(fault, agent, served);
    const reports = containers.map(reportOf);
    const said = [agent.said(), agent.told(), ...containers.map(({ stderr }) => stderr)].join('\n');
    return {
      fault: fault.name,
      ending,
      containers: [...new Set(reports.map((report, index) => wordOf(report, containers[index])))].join('; '),
      longest: longestOf(reports),
      milliseconds: Date.now() - started,
      violations: [...violations, ...violationsOf({ fault, place, agent, ending, containers, said })],
    };
  } finally {
    for (const agent of agents) agent.kill();
    for (const path of [directory, work]) rmSync(path, { recursive: true, force: true });
  }
}

/** libuv keeps a file in reserve where it has a stream, as for a pipe (uv__stream_init). */
const RESERVE_OF_LIBUV = 1;

/** Everything from the agent's start to its end. */
async function play(
  kit: Kit,
  fault: WatchFault,
  place: Place,
  agent: Agent,
): Promise<{
  readonly containers: readonly EndedContainer[];
  readonly violations: readonly string[];
  /** The container after the fault was answered. */
  readonly served: boolean;
}> {
  const violations: string[] = [];
  let served = false;
  const containers: EndedContainer[] = [];
  const scene = sceneOf(kit, fault, place, agent);
  await settles(() => agent.ended() || agent.listens());
  const stop = fault.injection === undefined ? undefined : await attach(fault.injection, agent.pid());
  if (!agent.ended() || fault.act === undefined)
    containers.push(...((await fault.act?.(scene)) ?? [await scene.container()]));
  await stop?.();
  if (!agent.ended() && !agent.signalled()) {
    const next = await scene.container();
    containers.push(next);
    served = wordOf(reportOf(next), next) === 'own';
    if (!served && !(await settles(agent.ended, 1_000 * PATIENCE)))
      violations.push(`the next container: ${wordOf(reportOf(next), next)}`);
    const most = kit.fds + (fault.output === 'closes' || fault.output === 'stuck' ? RESERVE_OF_LIBUV : 0);
    const fds = await openFds(agent, most);
    // A close(2) that was made to fail closes nothing, and a node's agent has other files.
    if (fds > most && fault.injection?.call !== 'close' && fault.verb !== 'agent')
      violations.push(`${fds} open fds, and not ${most}`);
    agent.signal('SIGTERM');
  }
  if (!(await settles(agent.ended, LIMIT))) violations.push('the agent did not end');
  agent.kill();
  await settles(agent.ended);
  return { containers, violations, served };
}

/** How many files it has open, once everything is closed that is going to be. */
async function openFds(agent: Agent, most: number): Promise<number> {
  await settles(() => agent.ended() || fdsOf(agent.pid()) <= most, 2_000 * PATIENCE);
  return fdsOf(agent.pid());
}

function fdsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
