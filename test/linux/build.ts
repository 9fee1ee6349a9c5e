import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'rolldown';

const root = resolve(import.meta.dirname, '../..');

/** One file of JavaScript from TypeScript sources; it appears whole or not at all. */
async function bundle(input: string, file: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await build({
    input,
    platform: 'node',
    logLevel: 'warn',
    external: (id) => id.startsWith('node:') || id.startsWith('@koromix/'),
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    output: { file: temporary, format: 'esm', codeSplitting: false },
  });
  renameSync(temporary, file);
}

/** Builds the supervisor's thread from the sources, so that no test runs against an old one. */
export async function buildWorker(): Promise<void> {
  mkdirSync(join(root, 'dist'), { recursive: true });
  await bundle(join(root, 'src/linux/supervisor/worker.ts'), join(root, 'dist/supervisorWorker.js'));
}

/** A program for node that runs one command as driver.ts says, and its supervisor's thread beside it. */
export async function buildDriver(): Promise<string> {
  // Below node_modules, where the addon is found from.
  const directory = join(root, 'node_modules/.cache/callgate-test');
  mkdirSync(directory, { recursive: true });
  const driver = join(directory, 'driver.js');
  await bundle(join(root, 'test/linux/driver.ts'), driver);
  await bundle(join(root, 'src/linux/supervisor/worker.ts'), join(directory, 'supervisorWorker.js'));
  return driver;
}

/** A program for node that records one command as recordDriver.ts says. */
export async function buildRecordDriver(): Promise<string> {
  const directory = join(root, 'node_modules/.cache/callgate-test');
  mkdirSync(directory, { recursive: true });
  const driver = join(directory, 'recordDriver.js');
  await bundle(join(root, 'test/linux/recordDriver.ts'), driver);
  return driver;
}

export interface Probe {
  readonly path: string;
  readonly remove: () => void;
}

/** Compiles probe.c, or undefined without a C compiler. It is readable by every user. */
export function buildProbe(): Probe | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'callgate-linux-test-'));
  chmodSync(directory, 0o755);
  const path = join(directory, 'probe');
  const remove = (): void => rmSync(directory, { recursive: true });
  try {
    const source = join(import.meta.dirname, 'probe.c');
    execFileSync('gcc', ['-O1', '-static', '-pthread', '-o', path, source], { stdio: 'pipe' });
    return { path, remove };
  } catch {
    remove();
    return undefined;
  }
}
