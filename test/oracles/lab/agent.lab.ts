import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { resolveContext } from '../../../src/engine/resolveContext.js';
import { predict } from '../../../src/explain/predict.js';
import { watchProfile } from '../../../src/explain/watch/watchProfile.js';
import { isRoot } from '../../oracle.js';
import { docker, importImage } from '../agent/image.js';
import { judgeAgent, lacksDocker, type WatchedContainers } from '../agent/judge.js';
import { type Daemon, startImageDaemon } from '../dockerd.js';
import { type CallerResult, makeCallers } from '../watch/callers.js';
import { fetchTree, lacksApt, libseccompOf, openSuite, type Suite, upstreamRelease } from './debian.js';
import { keepRows, type ReportRow } from './report.js';
import { enterSuite } from './room.js';

/** The suite whose Docker hands listenerPath on, and whose Node.js is new enough for the agent. */
const SUITE = 'trixie';
const BASE = 'debian-nodejs';

/** Containers that this daemon starts, with its own profile extended. */
async function dockerContainers(daemon: Daemon, suite: Suite): Promise<WatchedContainers> {
  const { socketPath, program, work, go, remove } = await makeCallers();
  const tree = mkdtempSync(join(tmpdir(), 'callgate-caller-'));
  cpSync(program, join(tree, 'caller'));
  mkdirSync(join(tree, 'sample'));
  await importImage(daemon, tree, 'caller');
  rmSync(tree, { recursive: true });
  const { context } = await resolveContext({
    engine: `docker@${daemon.version}`,
    arch: 'amd64',
    runtime: `runc@${upstreamRelease(suite.packaged('runc'))}`,
    libseccomp: libseccompOf(suite),
  });
  const prediction = await predict(context);
  if (prediction.kind !== 'filter') throw new Error(prediction.kind);
  const { text } = await watchProfile(prediction, socketPath);
  return {
    socketPath,
    go,
    remove,
    start: async (calls, annotations = {}) => {
      const wanted = {
        Image: 'caller',
        Cmd: ['/caller', String(calls), '/sample/go'],
        HostConfig: {
          NetworkMode: 'none',
          Binds: [`${work}:/sample`],
          SecurityOpt: [`seccomp=${text}`],
          Annotations: annotations,
        },
      };
      const { body } = await daemon.call('POST', '/containers/create', Buffer.from(JSON.stringify(wanted)));
      const { Id } = JSON.parse(body) as { Id?: string };
      if (Id === undefined) throw new Error(body);
      await docker(daemon, 'start', Id);
      await docker(daemon, 'wait', Id);
      const output = await docker(daemon, 'logs', Id);
      return JSON.parse(output.slice(output.indexOf('{'), output.indexOf('}') + 1)) as CallerResult;
    },
  };
}

const rows: ReportRow[] = [];
judgeAgent(
  lacksApt() ?? lacksDocker() ?? (isRoot ? undefined : 'root'),
  `the agent and the containers that it watches in the Docker daemon of ${SUITE}`,
  'root',
  async () => {
    const suite = openSuite(SUITE);
    const daemon = await startImageDaemon(enterSuite(suite));
    const nodejs = await fetchTree(SUITE, 'agent-base', ['base-files', 'nodejs']);
    await importImage(daemon, nodejs.root, BASE);
    return { daemon, base: BASE, watched: await dockerContainers(daemon, suite) };
  },
  ({ toMetric, toLine }) => {
    const what = `callgate agent in dockerd ${upstreamRelease(openSuite(SUITE).packaged('docker.io'))}`;
    const note = `denied calls were metrics after ${Math.round(toMetric)} ms, JSON lines after ${toLine} ms`;
    rows.push({ what, equal: 0, refused: 0, probes: 5, mismatches: 0, note });
  },
);
afterAll(() => keepRows('8-agent', rows));
