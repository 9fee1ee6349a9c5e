#!/usr/bin/env node
import { keepCompiled } from './compileCache.js';
import { failure } from './failure.js';
import { processIo } from './io/io.js';
import { version } from './version.js';

// Built as one small file: what a line does not need is not loaded.
const argv = process.argv.slice(2);
const [verb] = argv;
const io = processIo();
try {
  if (argv.length === 1 && (verb === '--version' || verb === '-V')) io.out(`${version}\n`);
  else {
    const kept = verb === 'run' ? await (await import('./keptRun.js')).keptRun(argv, io) : undefined;
    if (kept === undefined) keepCompiled(io.env);
    process.exitCode = kept ?? (await (await import('./main.js')).main(argv, io));
  }
} catch (error) {
  process.exitCode = failure(error, argv[0], io);
}
