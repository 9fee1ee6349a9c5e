/**
 * The agent of `callgate watch` under many real containers of runc and crun at once: how many calls it answers a second
 * and how long one takes its caller, and that no answer is wrong, none is lost and no fd is left. As root:
 * node scripts/run.mjs bench/watch.ts [CONTAINERS [CALLS]]
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type CallerResult, makeCallers } from '../test/oracles/watch/callers.js';

const [containers = 200, calls = 10_000] = process.argv.slice(2).map(Number);
/** Starting so many takes a while on a small machine. */
const PATIENCE = 600_000;

// Threads lie beside the built package, which is what is measured.
const { watch }: typeof import('../src/linux/index.js') = await import(
  pathToFileURL(resolve('dist/linux.js')).href
);
const callers = await makeCallers(resolve('test/oracles/watch/caller.c'));
/** Fds of listeners and of sockets, which a leak would leave. */
const openFiles = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => /seccomp notify|^socket:/.test(linkOf(fd))).length;
function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // It was the directory's own.
    return '';
  }
}
const filesBefore = openFiles();
const counts = new Map<string, number>();
const agent = await watch({
  socketPath: callers.socketPath,
  onDenial: ({ key, count }) => void counts.set(key, count),
  onProblem: (text) => console.error(text),
});
const each = Math.ceil(calls / containers);
const results: Promise<CallerResult>[] = [];
const starting = performance.now();
for (let index = 0; index < containers; index++) {
  results.push(callers.start(index % 2 === 0 ? 'runc' : 'crun', each, { patience: PATIENCE }));
  // As many at one time as an engine starts; all of them run together in the end.
  while (agent.counts().listeners < index - 6) await sleep(5);
}
while (agent.counts().listeners < containers) await sleep(5);
const started = performance.now();
callers.go();
while (agent.counts().answered < BigInt(each * containers)) await sleep(1);
const answered = performance.now();
const done = await Promise.all(results);
while (agent.counts().listeners > 0) await sleep(5);
await agent.close();

const medians = done.map(({ median }) => median).sort((a, b) => a - b);
const figures = {
  containers,
  listenersAtOnce: containers,
  startSeconds: (started - starting) / 1000,
  calls: each * containers,
  wrong: done.reduce((sum, { wrong }) => sum + wrong, 0),
  reported: [...counts.values()].reduce((sum, count) => sum + count, 0),
  callsASecond: Math.round((1000 * each * containers) / (answered - started)),
  medianMicroseconds: (medians[medians.length >> 1] ?? 0) / 1000,
  longestMilliseconds: Math.max(...done.map(({ longest }) => longest)) / 1e6,
  filesBefore,
  filesAfter: openFiles(),
};
callers.remove();
console.log(JSON.stringify(figures, null, 2));
