import { execFileSync, spawn } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { chunks } from '../../src/cli/io/chunks.js';
import { MOST_BYTES, readInput } from '../../src/cli/io/input.js';
import { linesOf } from '../../src/cli/io/lines.js';

const folder = mkdtempSync(join(tmpdir(), 'callgate-endless-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => join(folder, name);
const pipe = (name: string): string => {
  execFileSync('mkfifo', [file(name)]);
  return file(name);
};

/** 4 GB that take no room. */
function sparse(): string {
  const fd = openSync(file('sparse'), 'w');
  ftruncateSync(fd, 2 ** 32);
  closeSync(fd);
  return file('sparse');
}

describe('a whole file', () => {
  it.each([
    ['4 GB', sparse, /4294967296 bytes are more than callgate reads/],
    ['/dev/zero', () => '/dev/zero', /\/dev\/zero: more than callgate reads/],
    ['a pipe that nobody writes to', () => pipe('silent'), /nobody writes to this pipe/],
    ['a directory', () => folder, /cannot read .*: it is a directory/],
    ['nothing', () => file('none'), /cannot read .*: no such file/],
  ])('%s is refused', (_, path, message) => {
    expect(() => readInput(path())).toThrow(message);
  });

  it('of many pieces, and one without a size', () => {
    const text = 'seccomp '.repeat(100_000);
    writeFileSync(file('many'), text);
    expect(Buffer.from(readInput(file('many'))).toString()).toBe(text);
    expect(readInput('/proc/self/status').length).toBeGreaterThan(100);
    writeFileSync(file('empty'), '');
    expect(readInput(file('empty'))).toHaveLength(0);
  });

  it('comes through a pipe whose writer is late', () => {
    const text = 'seccomp '.repeat(50_000);
    writeFileSync(file('source'), text);
    const late = pipe('late');
    spawn('sh', ['-c', `cat '${file('source')}' > '${late}'`]);
    expect(Buffer.from(readInput(late)).toString()).toBe(text);
  });
});

describe('lines of a log', () => {
  it('that has none is refused', () => {
    expect(() => [...linesOf(chunks('/dev/zero'))]).toThrow(`a line of more than ${MOST_BYTES} bytes`);
  });

  it('may be longer than what is kept of them', () => {
    writeFileSync(file('long'), `${'x'.repeat(1_000_000)}\nend\n`);
    const lines = [...linesOf(chunks(file('long')))].flat();
    expect(lines.map(({ length }) => length)).toEqual([65_536, 3]);
  });

  it('of a file that cannot be read say so', () => {
    expect(() => [...chunks(file('none'))]).toThrow(/cannot read .*: no such file/);
    expect(() => [...chunks(folder)]).toThrow(/it is a directory/);
  });
});
