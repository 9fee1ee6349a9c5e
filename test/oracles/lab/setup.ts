import { loadDefaults } from '../../../src/engine/defaults.js';
import { libseccompReleases } from '../../../src/syscalls/table.js';
import {
  ALL_SUITES,
  fetchSuite,
  keepSuites,
  lacksApt,
  libseccompOf,
  OPTIONAL,
  type Suite,
  type SuiteName,
  upstreamRelease,
} from './debian.js';
import { clearReport, keepRows, printReport } from './report.js';

/** Fetches all suites before the first test, and prints the table after the last one. */
export default async function setup(): Promise<() => void> {
  clearReport();
  const usable: SuiteName[] = [];
  if (lacksApt() === undefined) {
    // Two at a time: one unpacks while the other loads.
    const pending = [...ALL_SUITES];
    const worker = async (): Promise<void> => {
      for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
        if (await prepare(name)) usable.push(name);
      }
    };
    await Promise.all([worker(), worker()]);
  }
  keepSuites(usable);
  return printReport;
}

/** False for a suite that cannot be run, which the table then says. */
async function prepare(name: SuiteName): Promise<boolean> {
  try {
    checkReleases(await fetchSuite(name), await dockerReleases());
    return true;
  } catch (error) {
    if (!OPTIONAL.includes(name)) throw error;
    const words = error instanceof Error ? error.message.trim().split('\n') : [String(error)];
    const row = { what: `everything of ${name}`, equal: 0, refused: 0, probes: 0, mismatches: 0 };
    keepRows(`9-${name}`, [{ ...row, note: `not run: ${words.at(-1)}` }]);
    return false;
  }
}

async function dockerReleases(): Promise<readonly string[]> {
  return (await loadDefaults('docker')).releases.map(({ version }) => version);
}

/** A suite that moves on may bring what the data does not have yet. */
function checkReleases(suite: Suite, docker: readonly string[]): void {
  const engine = upstreamRelease(suite.packaged('docker.io'));
  if (!docker.includes(engine)) throw new Error(`the data does not have docker ${engine}`);
  const libseccomp = libseccompOf(suite);
  if (!libseccompReleases.includes(libseccomp))
    throw new Error(`the data does not have libseccomp ${libseccomp}`);
}
