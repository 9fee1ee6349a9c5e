/** The package's entry `callgate/linux`: everything that touches the kernel. */
export { CallgateError } from '../error.js';
export { type CapabilitySets, fromMask, readCapabilities, toMask } from './capabilities.js';
export { type Diagnosis, diagnose } from './doctor/doctor.js';
export { type FilterFlag, type HostFacts, hostFacts } from './host/host.js';
export type { LaunchFailure } from './launchFailure.js';
export { type DumpedFilter, dumpFilters, type TaskFilters } from './process/dumpFilter.js';
export { liftFilters } from './process/liftFilters.js';
export type { LiveRecorder } from './record/callRecorder.js';
export { type RecordOptions, type RecordResult, recordCommand } from './record/recordCommand.js';
export { type RunResult, runCommand } from './run.js';
export { type FilteredSpawnOptions, type FilterOptions, spawn as spawnFiltered } from './spawn.js';
export { type ConfinedSpawnOptions, type ReportedDenial, spawn } from './spawnConfined.js';
export type { ArgumentString, Denial } from './supervisor/denial.js';
export { agentPath } from './watch/agentPath.js';
export type { AgentCounts } from './watch/agentThread.js';
export { containerWord } from './watch/containerWord.js';
export type { WatchedContainer } from './watch/processState.js';
export {
  type ContainerEvent,
  type Watch,
  type WatchedDenial,
  type WatchOptions,
  watch,
} from './watch/watch.js';
