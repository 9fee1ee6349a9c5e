import { workerData } from 'node:worker_threads';
import { libc } from './ffi.js';
import { supervise } from './supervisorLoop.js';
import type { SupervisorData } from './supervisorProtocol.js';

// Entry of the supervisor's thread.
supervise(libc(), workerData as SupervisorData);
