import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inProcess } from '../cli/inProcess.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The built command, as `npx callgate` starts it. */
export const CALLGATE = join(root, 'dist', 'callgate.js');

/** A profile of test/scenarios/profiles. */
export function profile(name: string): string {
  return join(root, 'test', 'scenarios', 'profiles', name);
}

export interface Outcome {
  /** Exit code; null when a signal ended it or it took longer than a minute. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command to its end. Call `build` first. */
export function callgate(...args: readonly string[]): Outcome {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [CALLGATE, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (error !== undefined && !('errno' in error)) throw error;
  return { status, stdout, stderr };
}

/** Builds dist/ when it is missing or older than the source. Test files run side by side, so only one builds at a time. */
export async function build(): Promise<void> {
  const lock = join(root, 'node_modules', '.callgate-build');
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      // A build takes seconds: a lock of two minutes ago was left by a process that was killed.
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - since > 120_000) rmSync(lock, { recursive: true, force: true });
      await sleep(100);
    }
  }
  try {
    const built = statSync(CALLGATE, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (['src', 'data', 'scripts'].some((room) => newest(join(root, room)) > built)) {
      const outcome = spawnSync('npm', ['run', 'build', '--silent'], { cwd: root, encoding: 'utf8' });
      if (outcome.status !== 0) throw new Error(`the build failed:\n${outcome.stdout}${outcome.stderr}`);
    }
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function newest(directory: string): number {
  let latest = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) latest = Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return latest;
}

/** Runs the command within this process, where its coverage is seen; it must not ask for standard input. */
export async function callgateHere(...args: readonly string[]): Promise<Outcome> {
  const { status, out, err } = await inProcess(args);
  return { status, stdout: out, stderr: err };
}
