import { parentPort, workerData } from 'node:worker_threads';
import { libc } from '../ffi.js';
import { serve } from './agentLoop.js';
import type { AgentData } from './agentProtocol.js';

// Entry of the agent's thread.
serve(libc(), workerData as AgentData);
parentPort?.close();
