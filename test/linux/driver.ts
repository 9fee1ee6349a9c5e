import { runCommand } from '../../src/linux/run.js';
import type { FilterOptions } from '../../src/linux/spawn.js';
import { filterOf, type Rule } from './filters.js';

/** What a test asks of a process of its own: argv[2] in JSON. */
export interface DriverRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly rules: readonly Rule[];
  readonly supervise: boolean;
  /** Ends the supervisor's thread as soon as it has reported a denied call. */
  readonly terminateWorker?: boolean;
  readonly options?: Omit<FilterOptions, 'filter' | 'onDenial'>;
}

const request = JSON.parse(process.argv[2] ?? '') as DriverRequest;
let endSupervisor = (): void => {};
if (request.terminateWorker) {
  process.on('worker', (worker) => {
    endSupervisor = () => void worker.terminate();
  });
}
const result = await runCommand(request.command, request.args, {
  ...request.options,
  filter: filterOf(request.rules),
  ...(request.supervise ? { onDenial: () => endSupervisor() } : {}),
  stdio: ['inherit', 'inherit', 'inherit'],
});
// The last line of stderr is the result.
process.stderr.write(
  `\n${JSON.stringify({ ...result, error: result.error?.message }, (_, value) =>
    typeof value === 'bigint' ? value.toString() : value,
  )}\n`,
);
process.exitCode = result.exitCode;
