/** The package's entry `callgate/linux`: everything that touches the kernel. */

// Commands under a filter.

export { CallgateError } from '../error.js';
export type { DescribedArgument, DescribedDenial } from '../explain/denial.js';
export { type CapabilitySets, fromMask, readCapabilities, toMask } from './capabilities.js';
export type { CommandEnd } from './commandEnd.js';
export type { LaunchFailure } from './launchFailure.js';
export { loadFlags } from './loadFlags.js';
export { type RunOptions, type RunResult, runCommand } from './run.js';
export { type FilteredSpawnOptions, type FilterOptions, spawn as spawnFiltered } from './spawn.js';
export { type ConfinedSpawnOptions, type ReportedDenial, spawn } from './spawnConfined.js';
export { standaloneLauncher } from './standalone/launcher.js';
export type { ArgumentString, Denial } from './supervisor/denial.js';

// Recording.

export type { LiveRecorder, Recorded } from './record/callRecorder.js';
export { type RecordOptions, type RecordResult, recordCommand } from './record/recordCommand.js';

// Filters of processes, and what the host has.

export type { Ability } from './doctor/abilities.js';
export { type Diagnosis, diagnose } from './doctor/doctor.js';
export type { Audit, SecurityModules } from './doctor/kernel.js';
export type { Environment } from './host/command.js';
export { type Here, here } from './host/here.js';
export { type FilterFlag, type HostFacts, hostFacts } from './host/host.js';
export type { InstalledEngine, InstalledRuntime, LinkedLibrary, SeccompFeatures } from './host/installed.js';
export { hostLayerFacts } from './host/layerFacts.js';
export { type ContainerProcess, containerPid } from './process/containerPid.js';
export { type DumpedFilter, dumpFilters, type TaskFilters } from './process/dumpFilter.js';
export { liftFilters } from './process/liftFilters.js';

// Running containers.

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
