/**
 * What `callgate agent` costs its node: memory and processor time when nothing happens, with many watched pods, and while they
 * are denied calls. The pods are processes with a filter each (pods.c). On Linux: node scripts/run.mjs bench/agent.ts
 * [PODS [DENIALS-A-SECOND [SECONDS]]]
 */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolveContext } from '../src/engine/resolveContext.js';
import { predict } from '../src/explain/predict.js';
import { watchProfile } from '../src/explain/watch/watchProfile.js';
import { readProfile } from '../src/profile/read.js';
import { scratch } from './measure.js';

const [pods = 500, rate = 1000, seconds = 10] = process.argv.slice(2).map(Number);
const PORT = 9471;
/** Of /proc/PID/stat; Linux has had this one on all of our architectures. */
const TICKS_A_SECOND = 100;

const program = join(scratch, 'pods');
execFileSync('gcc', ['-O1', '-Wall', '-Wextra', '-Werror', '-o', program, resolve('bench/pods.c')]);
const socketPath = join(scratch, 'own', 'watch.sock');
const prediction = await predict((await resolveContext({ engine: 'docker@28.5.2', arch: 'amd64' })).context);
if (prediction.kind !== 'filter') throw new Error(prediction.kind);
const { text } = await watchProfile(prediction, socketPath);
const metadata = join(scratch, 'metadata');
writeFileSync(metadata, JSON.stringify(readProfile(text, 'watch.json').listenerMetadata));

const agent = spawn(
  process.execPath,
  [
    ...['--max-semi-space-size=2', resolve('dist/callgate.js'), 'agent'],
    ...['--listener-path', socketPath, '--listen', `127.0.0.1:${PORT}`],
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
let lines = 0;
const kinds = new Map<string, number>();
createInterface({ input: agent.stdout }).on('line', (line) => {
  lines++;
  const { event } = JSON.parse(line) as { event: string };
  kinds.set(event, (kinds.get(event) ?? 0) + 1);
});
const pid = agent.pid ?? 0;
const megabytes = (): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);
const cpuSeconds = (): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
};
/** Percent of one processor over so many seconds. */
const percent = async (length: number): Promise<number> => {
  const [before, start] = [cpuSeconds(), performance.now()];
  await sleep(1000 * length);
  return Math.round((10_000_000 * (cpuSeconds() - before)) / (performance.now() - start)) / 100;
};
const scrape = async (): Promise<{ readonly milliseconds: number; readonly text: string }> => {
  const start = performance.now();
  const body = await (await fetch(`http://127.0.0.1:${PORT}/metrics`)).text();
  return { milliseconds: Math.round(performance.now() - start), text: body };
};

while (lines === 0) await sleep(20);
await sleep(2000);
const alone = { megabytes: megabytes(), percentOfOneProcessor: await percent(seconds) };

const crowd = spawn(program, [socketPath, pods, rate, seconds, metadata].map(String), {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const told: string[] = [];
const starting = performance.now();
createInterface({ input: crowd.stdout }).on('line', (line) => void told.push(line));
while (told.length === 0) await sleep(5);
const startSeconds = (performance.now() - starting) / 1000;
await sleep(2000);
const waiting = { megabytes: megabytes(), percentOfOneProcessor: await percent(seconds) };
crowd.stdin.end('go\n');
// Their calls begin spread over one pause.
await sleep((1000 * pods) / rate);
const denied = { percentOfOneProcessor: await percent(seconds - 1), megabytes: megabytes() };
while (told.length < 2) await sleep(20);
const { milliseconds, text: metrics } = await scrape();
const counted = [...metrics.matchAll(/^callgate_denials_total\{.*\} (\d+)$/gm)];
agent.kill('SIGTERM');
await new Promise((done) => agent.on('close', done));
console.log(
  JSON.stringify(
    {
      pods,
      alone,
      startSeconds,
      waiting,
      denialsASecond: rate,
      denied,
      answers: told[1],
      calls: Math.floor((rate * seconds) / pods) * pods,
      counted: counted.reduce((sum, [, count]) => sum + Number(count), 0),
      series: counted.length,
      scrape: { milliseconds, bytes: metrics.length },
      lines: Object.fromEntries(kinds),
    },
    null,
    2,
  ),
);
