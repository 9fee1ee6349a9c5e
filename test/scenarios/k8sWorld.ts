import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { build, CALLGATE, type Outcome } from './callgate.js';

export const MANIFESTS = join(import.meta.dirname, '../kubernetes/manifests');

/** A directory for the tests of one file, made before them. */
export interface Scratch {
  readonly path: (...names: readonly string[]) => string;
  readonly write: (name: string, text: string) => string;
}

/** Builds the command, and makes a directory that is there while the file's tests run. */
export function scratch(): Scratch {
  let directory = '';
  beforeAll(async () => {
    await build();
    directory = mkdtempSync(join(tmpdir(), 'callgate-k8s-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const path = (...names: readonly string[]): string => join(directory, ...names);
  return {
    path,
    write: (name, text) => {
      writeFileSync(path(name), text);
      return path(name);
    },
  };
}

export function json({ stdout, stderr }: Outcome) {
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

export function withInput(input: string, ...args: readonly string[]): Outcome {
  return spawnSync(process.execPath, [CALLGATE, ...args], { input, encoding: 'utf8', maxBuffer: 1 << 26 });
}
