/** The package's entry `callgate/linux`: everything that touches the kernel. */
export { CallgateError } from '../error.js';
export { fromMask, readCapabilities, toMask, type CapabilitySets } from './capabilities.js';
export type { ArgumentShape, ArgumentShapes, ArgumentString, Denial } from './denial.js';
export { hostFacts, type FilterFlag, type HostFacts } from './host.js';
export type { LaunchFailure } from './launchFailure.js';
export { runCommand, type RunResult } from './run.js';
export { spawn, type FilteredSpawnOptions, type FilterOptions } from './spawn.js';
