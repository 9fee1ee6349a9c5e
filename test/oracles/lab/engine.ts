import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../../src/engine/context.js';
import { predict } from '../../../src/explain/predict.js';
import { readCapabilities, toMask } from '../../../src/linux/capabilities.js';
import { elf, READ_BASE } from '../../../src/linux/elf.js';
import { comparePolicies } from '../../../src/policy/compare.js';
import { describe, type Judgement, liveFilter } from './judge.js';

/** A root file system whose only program turns in a loop, without any system call. */
export function makeTree(directory: string, program: string): void {
  for (const name of ['dev', 'proc', 'sys', 'etc', 'run', 'tmp'])
    mkdirSync(join(directory, name), { recursive: true });
  // `jmp .`
  const read = new Uint8Array([0xeb, 0xfe]);
  const image = elf({ machine: 62, entry: READ_BASE, read, write: new Uint8Array(8) });
  writeFileSync(join(directory, program), image, { mode: 0o755 });
}

/** Starts a command in a suite, waits for a process of that name, lets `look` have its pid, and ends it. */
export async function whileRunning<T>(
  command: readonly string[],
  program: string,
  look: (pid: number) => Promise<T>,
): Promise<T> {
  const said: string[] = [];
  const [file = '', ...args] = command;
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const exit = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const late = Date.now() + 30_000;
  try {
    for (;;) {
      const pid = processNamed(program);
      if (pid !== undefined) {
        try {
          return await look(pid);
        } finally {
          process.kill(pid, 'SIGKILL');
          await Promise.race([exit, sleep(10_000)]);
        }
      }
      if (ended(child) || Date.now() > late) throw new Error(said.join('').trim() || 'it did not start');
      await sleep(20);
    }
  } finally {
    if (!ended(child)) child.kill('SIGKILL');
  }
}

function ended({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function processNamed(name: string): number | undefined {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      if (readFileSync(`/proc/${entry}/comm`, 'utf8').trim() === name) return Number(entry);
    } catch {
      // It has just ended.
    }
  }
  return undefined;
}

/** Compares what a process is under with what the context says: its filter and its bounding set. */
export async function judgeProcess(pid: number, context: Context): Promise<Judgement> {
  const predicted = await predict(context);
  if (predicted.kind !== 'filter') return { kind: 'mismatch', text: `predicted ${predicted.kind}` };
  const { bounding } = readCapabilities(pid);
  const expected = toMask(context.capabilities);
  if (bounding !== expected)
    return {
      kind: 'mismatch',
      text: `bounding set ${bounding.toString(16)}, predicted ${expected.toString(16)}`,
    };
  const differences = comparePolicies(liveFilter(pid).policy, predicted.policy);
  return differences.length === 0 ? { kind: 'equal' } : { kind: 'mismatch', text: describe(differences) };
}
