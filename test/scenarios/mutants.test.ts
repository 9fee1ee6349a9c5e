import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcess } from '../cli/inProcess.js';
import { PATIENCE } from '../patience.js';
import { type Mutant, mutants } from '../profile/mutate.js';
import { build, CALLGATE } from './callgate.js';

const SEED = 4;
const COUNT = 1000;
/** Of processor time: the tests share the machine's cores with each other. */
const MOST_MILLISECONDS = 2000;
const MOST_MEGABYTES = 512;

/** What the verb says of a mutant is wrong in some way, or nothing. */
function fault({ file }: Mutant, code: number | null, stderr: string): string | undefined {
  if (/^ {4}at /m.test(stderr)) return `a stack:\n${stderr}`;
  // Some mutations leave a sound profile behind.
  if (code === 0) return undefined;
  if (code !== 2) return `exit ${code}: ${stderr}`;
  const [first = ''] = stderr.split('\n');
  const place = first.slice(first.indexOf(file) + file.length);
  return first.includes(file) && /^:\d+:\d+\b/.test(place) ? undefined : `no place: ${stderr}`;
}

/** Runs the command's main function on a file that is only in memory. */
async function shown({ file, text }: Mutant) {
  const before = process.cpuUsage();
  const { status: code, err: stderr } = await inProcess(['show', file], { read: () => text, env: {} });
  const { user, system } = process.cpuUsage(before);
  return { code, stderr, milliseconds: (user + system) / 1000 };
}

describe(`${COUNT} mutated profiles that are not sound any more`, () => {
  it('each end with exit 2, file:line:column and no stack, within 2 s; sound ones are shown', async () => {
    const faults: string[] = [];
    let refused = 0;
    for (const mutant of mutants(SEED, 3 * COUNT)) {
      const { code, stderr, milliseconds } = await shown(mutant);
      if (code === 2 && ++refused > COUNT) break;
      const found = fault(mutant, code, stderr);
      if (found !== undefined) faults.push(`${mutant.name}: ${found}`);
      if (milliseconds > MOST_MILLISECONDS * PATIENCE)
        faults.push(`${mutant.name}: ${Math.round(milliseconds)} ms`);
    }
    expect(faults).toEqual([]);
    expect(refused).toBeGreaterThan(COUNT);
  }, 300_000);
});

/** Writes what the process has used to fd 3 when it ends. */
const USAGE = `data:text/javascript,import{writeSync}from'node:fs';process.on('exit',()=>writeSync(3,JSON.stringify(process.resourceUsage())))`;

describe('a sample of every kind, each in a process of its own', () => {
  let directory: string;
  beforeAll(async () => {
    await build();
    directory = mkdtempSync(join(tmpdir(), 'callgate-mutants-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function inOwnProcess({ file, text }: Mutant) {
    writeFileSync(join(directory, file), text);
    const child = spawn(process.execPath, ['--import', USAGE, CALLGATE, 'show', file], {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    let [stderr, usage] = ['', ''];
    child.stderr?.setEncoding('utf8').on('data', (more: string) => {
      stderr += more;
    });
    child.stdio[3]?.on('data', (more: Buffer) => {
      usage += more.toString();
    });
    return new Promise<{ code: number | null; stderr: string; milliseconds: number; megabytes: number }>(
      (resolve) => {
        child.on('close', (code) => {
          // maxRSS is in KiB, times are in microseconds.
          const { maxRSS = 0, userCPUTime = 0, systemCPUTime = 0 } = JSON.parse(usage || '{}');
          const milliseconds = (userCPUTime + systemCPUTime) / 1000;
          resolve({ code, stderr, milliseconds, megabytes: maxRSS / 1024 });
        });
      },
    );
  }

  it('keep to 2 s and 512 MB', async () => {
    const faults: string[] = [];
    for (const mutant of mutants(SEED + 1, 66)) {
      const { code, stderr, milliseconds, megabytes } = await inOwnProcess(mutant);
      const found = fault(mutant, code, stderr);
      if (found !== undefined) faults.push(`${mutant.name}: ${found}`);
      if (milliseconds > MOST_MILLISECONDS) faults.push(`${mutant.name}: ${Math.round(milliseconds)} ms`);
      if (!(megabytes > 0 && megabytes < MOST_MEGABYTES)) faults.push(`${mutant.name}: ${megabytes} MB`);
    }
    expect(faults).toEqual([]);
  }, 120_000);
});
