import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../../oracles/containers.js';
import type { Agent } from './agent.js';
import type { Place, Scene, WatchFault } from './fault.js';
import type { Kit } from './kit.js';
import { SLOW, settles } from './settles.js';

/** Denied calls that a container makes. */
const CALLS = 10;

/** What a runtime sends of a container, whose profile is none of callgate's unless `metadata` says so. */
export function stateOf(more: object = {}, id = 'own'): string {
  const state = { ociVersion: '1.0.2', id, status: 'creating', pid: 1, bundle: '/' };
  const metadata = JSON.stringify({ callgate: 1, errno: 1, others: { c000003e: { 84: 13 } } });
  return JSON.stringify({ ociVersion: '1.0.2', fds: ['seccompFd'], pid: 1, metadata, state, ...more });
}
const STATE = stateOf();

/** What a fault may do. */
export function sceneOf(kit: Kit, fault: WatchFault, place: Place, agent: Agent): Scene {
  const runtime = fault.runtime ?? 'runc';
  const { work, socket } = place;
  return {
    ...place,
    agent: agent.pid,
    signal: agent.signal,
    stop: () => writeFileSync(join(work, 'stop'), ''),
    told: async (pattern) => void (await settles(() => agent.ended() || pattern.test(agent.told()))),
    container: (count = CALLS, look) =>
      runToEnd(
        runtime,
        { seccomp: kit.seccomp(runtime, socket), capabilities: ['CAP_DAC_OVERRIDE'], noNewPrivileges: true },
        { root: kit.root, args: ['/denied', '/sample', String(count)], work, patience: SLOW },
        look,
      ),
    runtime: (fds, text = STATE, count = CALLS) =>
      new Promise((resolve) => {
        const child = spawn(join(kit.root, 'denied'), [work, String(count), socket, fds], { timeout: SLOW });
        let [stdout, stderr] = ['', ''];
        child.stdout.on('data', (more) => {
          stdout += more;
        });
        child.stderr.on('data', (more) => {
          stderr += more;
        });
        child.stdin.on('error', () => undefined);
        child.stdin.end(text);
        child.on('close', (code) => resolve({ code, stdout, stderr }));
      }),
  };
}
