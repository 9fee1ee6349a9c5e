import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { mixedLog } from '../explain/decode/mixedLog.js';
import { describeWithOracle } from '../oracle.js';
import { build, CALLGATE } from './callgate.js';

const MEGABYTES = 96;
/** Node's own part is about 60, and what is kept for speed about as much. */
const MOST_MEBIBYTES = 200;
/** What would be kept of that log does not fit in. */
const HEAP = '--max-old-space-size=48';

beforeAll(build);

describeWithOracle(existsSync('/proc/self/status') ? undefined : '/proc', 'decode on a long log', () => {
  it('finds every record, in bounded memory', async () => {
    const child = spawn(process.execPath, [HEAP, CALLGATE, 'decode', '--format', 'json'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let told = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 10) told++;
    });
    const ended = new Promise<number | null>((resolve) => void child.on('close', resolve));
    let [records, peak] = [0, 0];
    for (const piece of mixedLog(MEGABYTES * 1e6)) {
      records += piece.records;
      if (!child.stdin.write(piece.bytes))
        await new Promise((resolve) => void child.stdin.once('drain', resolve));
      peak = Math.max(peak, highWater(child.pid));
    }
    child.stdin.end();
    expect(await ended).toBe(0);
    expect(told).toBe(records);
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(MOST_MEBIBYTES);
  });
});

/** MiB of memory that a process ever had at once (proc_pid_status(5): VmHWM). */
function highWater(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}
