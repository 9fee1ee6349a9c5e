import type { EndedContainer } from '../../oracles/containers.js';
import { inShell, LISTENER } from '../injection.js';
import { kill } from './agent.js';
import type { Scene, WatchFault } from './fault.js';

const asks = (signal: NodeJS.Signals): WatchFault => ({
  name: `${signal} while a container calls on`,
  act: async ({ container, told, signal: send, stop }) => {
    const running = container(0);
    await told(/"event":"denial"/);
    send(signal);
    await told(/"event":"summary"/);
    stop();
    return [await running];
  },
  says: /"listeners":1[,}]/,
  ends: ['stopped'],
  always: signal === 'SIGTERM',
});
const killInit =
  (containers: number) =>
  async ({ container, told, stop }: Scene): Promise<readonly EndedContainer[]> => {
    const others = Array.from({ length: containers }, (_, index) =>
      container(0, (pid) => {
        if (index === 0) void told(/"event":"denial"/).then(() => kill(pid, 'SIGKILL'));
      }),
    );
    const [first] = await Promise.all(others.slice(0, 1));
    stop();
    return [...(first === undefined ? [] : [first]), ...(await Promise.all(others.slice(1)))];
  };
/** One that holds also with the other runtime, and for a node's agent. */
const everywhere = (fault: WatchFault): readonly WatchFault[] => [
  fault,
  { ...fault, name: `${fault.name} (crun)`, runtime: 'crun', always: false },
  { ...fault, name: `${fault.name} (callgate agent)`, verb: 'agent', always: false },
];
const LATE = { call: 'ioctl', what: 'delay_enter=300000', path: LISTENER };

/** Containers that end, and an agent that is asked to while they call on. */
export const endedContainers: readonly WatchFault[] = [
  ...everywhere(asks('SIGTERM')),
  asks('SIGINT'),
  asks('SIGHUP'),
  ...everywhere({
    name: 'a container killed while it calls',
    act: killInit(1),
    ends: ['served'],
    always: true,
  }),
  { name: 'one of three containers killed', act: killInit(3), ends: ['served'] },
  {
    name: 'a container killed in a notification that is answered late',
    injection: LATE,
    act: async ({ container }) => [await container(0, (pid) => setTimeout(() => kill(pid, 'SIGKILL'), 600))],
    ends: ['served'],
  },
  {
    name: 'a container killed before its listener is accepted',
    injection: { call: 'accept4', what: 'delay_enter=1500000' },
    act: async ({ container }) => [await container(0, (pid) => setTimeout(() => kill(pid, 'SIGKILL'), 200))],
    ends: ['served'],
  },
];

const storm = (
  count: number,
  start: (scene: Scene) => Promise<EndedContainer>,
  limit: number,
  ends: WatchFault['ends'],
): WatchFault => ({
  name: `${count} at once, ulimit -n ${limit}`,
  around: inShell(`ulimit -n ${limit}`),
  act: async (scene) => await Promise.all(Array.from({ length: count }, () => start(scene))),
  ends,
});
const own = ({ runtime }: Scene) => runtime('l');
const long = async ({ runtime, told, stop }: Scene): Promise<readonly EndedContainer[]> => {
  const all = Array.from({ length: 40 }, () => runtime('l', undefined, 0));
  await told(/were given up/);
  stop();
  return await Promise.all(all);
};
/** Many containers, few file descriptors. */
export const fewFiles: readonly WatchFault[] = [
  {
    ...storm(40, own, 60, ['served']),
    name: '40 that stay, ulimit -n 60',
    act: long,
    says: /given up \(EMFILE\)/,
  },
  { ...storm(100, own, 60, ['served']), always: true },
  storm(100, own, 1000, ['served']),
  {
    ...storm(100, ({ container }) => container(), 60, ['served']),
    name: '100 containers at once, ulimit -n 60',
  },
  ...Array.from({ length: 40 }, (_, index) =>
    storm(3, own, 12 + index, ['served', 'refused', 'died', 'unstarted']),
  ),
];
