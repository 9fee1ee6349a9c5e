import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { requireWritable, writeFile } from '../../src/cli/io/output.js';
import { describeWithOracle } from '../oracle.js';

const directory = mkdtempSync(join(tmpdir(), 'callgate-output-test-'));
afterAll(() => rmSync(directory, { recursive: true }));
const at = (name: string): string => join(directory, name);

describe('a file that is written', () => {
  test('appears whole, and nothing beside it stays', () => {
    writeFileSync(at('old'), 'old');
    writeFile(at('old'), 'new');
    expect(readFileSync(at('old'), 'utf8')).toBe('new');
    mkdirSync(at('folder'));
    expect(() => writeFile(at('folder'), 'text')).toThrow(/cannot write .*folder: /);
    expect(readdirSync(directory).sort()).toEqual(['folder', 'old']);
  });

  test.each([
    ['in no directory', 'absent/file', /no such file or directory/],
    ['that is a directory', '.', /it is a directory/],
  ])('%s is refused before', (_, name, reason) => {
    expect(() => requireWritable(at(name))).toThrow(reason);
  });

  test('can be a new one, or standard output', () => {
    for (const path of [at('new'), '-', '/dev/stdout']) expect(() => requireWritable(path)).not.toThrow();
  });
});

describeWithOracle(process.platform === 'linux' ? undefined : 'Linux', 'what is no file', () => {
  test('is written to and not replaced: a named pipe', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    expect(() => writeFile(at('pipe'), 'nobody')).toThrow(/cannot write .*pipe: ENXIO/);
    // Held open, so that the reader below misses nothing.
    const reader = spawn('head', ['-c', '5', at('pipe')], { stdio: ['ignore', 'pipe', 'inherit'] });
    let read = '';
    reader.stdout.on('data', (text) => {
      read += text;
    });
    const ended = once(reader, 'close');
    const keeper = openSync(at('pipe'), 'r+');
    writeFile(at('pipe'), 'hello');
    await ended;
    closeSync(keeper);
    expect(read).toBe('hello');
    expect(lstatSync(at('pipe')).isFIFO()).toBe(true);
  });

  test('is written to and not replaced: an open file descriptor', () => {
    const fd = openSync(at('open'), 'w');
    const { ino } = lstatSync(at('open'));
    writeFile(`/proc/self/fd/${fd}`, 'text');
    closeSync(fd);
    expect(readFileSync(at('open'), 'utf8')).toBe('text');
    expect(lstatSync(at('open')).ino).toBe(ino);
  });
});
