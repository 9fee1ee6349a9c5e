import { fetchSuite, lacksApt, SUITES } from './debian.js';
import { clearReport, printReport } from './report.js';

/** Fetches all suites before the first test, and prints the table after the last one. */
export default async function setup(): Promise<() => void> {
  clearReport();
  if (lacksApt() === undefined) {
    // Two at a time: one unpacks while the other loads.
    const pending = [...SUITES];
    const worker = async (): Promise<void> => {
      for (let name = pending.shift(); name !== undefined; name = pending.shift()) await fetchSuite(name);
    };
    await Promise.all([worker(), worker()]);
  }
  return printReport;
}
