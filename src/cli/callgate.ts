#!/usr/bin/env node
import { failure } from './failure.js';
import { processIo } from './io/io.js';
import { keptRun } from './keptRun.js';

// Built as one file of its own: a command that was run before starts without loading the rest.
const argv = process.argv.slice(2);
const io = processIo();
try {
  process.exitCode = (await keptRun(argv, io)) ?? (await (await import('./main.js')).main(argv, io));
} catch (error) {
  process.exitCode = failure(error, argv, io);
}
