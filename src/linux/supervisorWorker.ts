import { parentPort } from 'node:worker_threads';
import { argumentShapes } from './argumentShapes.js';
import { libc } from './ffi.js';
import { hostMachine } from './machine.js';
import { supervise } from './supervisorLoop.js';
import type { SupervisorData } from './supervisorProtocol.js';

// Entry of a supervisor's thread: one command after the other.
parentPort?.on('message', (data: SupervisorData) => {
  supervise(libc(), data, argumentShapes(hostMachine()));
  parentPort?.postMessage('done');
});
