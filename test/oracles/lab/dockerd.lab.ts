import { afterAll } from 'vitest';
import { isRoot } from '../../oracle.js';
import { startDockerd } from '../dockerd.js';
import { judgeDockerd } from '../dockerdJudge.js';
import { behavesAs } from './backports.js';
import { lacksApt, openSuite, SUITES, upstreamRelease } from './debian.js';
import { keepRows, type ReportRow } from './report.js';
import { enterSuite } from './room.js';

const rows: ReportRow[] = [];
const lacks = lacksApt() ?? (isRoot ? undefined : 'root');

for (const name of SUITES) {
  judgeDockerd(
    lacks,
    `the Docker daemon of ${name}`,
    async () => {
      const suite = openSuite(name);
      const daemon = await startDockerd(enterSuite(suite));
      return { ...daemon, version: behavesAs(suite, 'docker.io').version };
    },
    (_, { requests }) => {
      const suite = openSuite(name);
      const { note } = behavesAs(suite, 'docker.io');
      const what = `dockerd ${upstreamRelease(suite.packaged('docker.io'))}, bundles`;
      rows.push({ what, equal: requests, refused: 0, probes: 0, mismatches: 0, note });
    },
  );
}
afterAll(() => keepRows('2-dockerd', rows));
