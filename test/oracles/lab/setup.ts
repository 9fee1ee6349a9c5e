import { ALL_SUITES, fetchSuite, lacksApt, MAY_BE_MISSING, type SuiteName } from './debian.js';
import { clearReport, keepRows, printReport } from './report.js';

/** Fetches all suites before the first test, and prints the table after the last one. */
export default async function setup(): Promise<() => void> {
  clearReport();
  if (lacksApt() === undefined) {
    // Two at a time: one unpacks while the other loads.
    const pending = [...ALL_SUITES];
    const worker = async (): Promise<void> => {
      for (let name = pending.shift(); name !== undefined; name = pending.shift()) await fetchOne(name);
    };
    await Promise.all([worker(), worker()]);
  }
  return printReport;
}

async function fetchOne(name: SuiteName): Promise<void> {
  try {
    await fetchSuite(name);
  } catch (error) {
    if (!MAY_BE_MISSING.includes(name)) throw error;
    const reason =
      error instanceof Error ? (error.message.split('\n').at(-2) ?? error.message) : String(error);
    const row = { what: `everything of ${name}`, equal: 0, refused: 0, probes: 0, mismatches: 0 };
    keepRows(`9-${name}`, [{ ...row, note: `not run: ${reason}` }]);
  }
}
