// Writes a log of mixed lines to standard output: node scripts/run.mjs bench/mixedLog.ts MEGABYTES
// With "measure MEGABYTES" it feeds such a log to the built command and tells lines a second and the peak of its memory.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mixedLog } from '../test/explain/decode/mixedLog.js';

const [first = '1000', second = '1000'] = process.argv.slice(2);
if (first === 'measure') await measure(Number(second) * 1e6);
else
  for (const piece of mixedLog(Number(first) * 1e6))
    if (!process.stdout.write(piece.bytes)) await drained(process.stdout);

function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => void stream.once('drain', resolve));
}

async function measure(bytes: number): Promise<void> {
  const started = process.hrtime.bigint();
  const child = spawn(process.execPath, ['dist/callgate.js', 'decode', '--format', 'json'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let told = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) told++;
  });
  const ended = new Promise<number | null>((resolve) => void child.on('close', resolve));
  let [lines, records, written, peak] = [0, 0, 0, 0];
  for (const piece of mixedLog(bytes)) {
    lines += piece.lines;
    records += piece.records;
    written += piece.bytes.length;
    if (!child.stdin.write(piece.bytes)) await drained(child.stdin);
    peak = Math.max(peak, highWater(child.pid));
  }
  child.stdin.end();
  const code = await ended;
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  console.table([
    {
      code,
      gigabytes: (written / 1e9).toFixed(2),
      lines,
      records,
      told,
      seconds: Math.round(seconds),
      linesPerSecond: Math.round(lines / seconds),
      peakMiB: Math.round(peak / 1024),
    },
  ]);
}

/** KiB of memory that a process ever had at once (proc_pid_status(5): VmHWM). */
function highWater(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
