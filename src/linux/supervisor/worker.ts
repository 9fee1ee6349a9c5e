import { parentPort } from 'node:worker_threads';
import { libc } from '../ffi.js';
import { hostMachine } from '../machine.js';
import { argumentShapes } from './argumentShapes.js';
import { supervise } from './loop.js';
import type { SupervisorData } from './protocol.js';

// Entry of a supervisor's thread: one command after the other.
parentPort?.on('message', (data: SupervisorData) => {
  supervise(libc(), data, argumentShapes(hostMachine()));
  parentPort?.postMessage('done');
});
