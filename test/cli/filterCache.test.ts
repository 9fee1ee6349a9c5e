import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { filterCache, type StartPlan } from '../../src/cli/filterCache.js';
import type { Io } from '../../src/cli/io/io.js';
import { describeWithOracle, isRoot } from '../oracle.js';

const plan: StartPlan = {
  flags: { format: 'human', report: true, like: 'docker@28.5.2' },
  filter: [{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }],
  filterFlags: ['LOG'],
  capabilities: ['CAP_CHOWN'],
  noNewPrivileges: true,
  notes: [{ kind: 'assumption', text: 'words' }],
};

let home: string;
let files: Map<string, string>;
const directory = () => join(home, '.cache', 'callgate');
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'callgate-cache-test-'));
  files = new Map([['profile.json', 'one']]);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function cache(words: unknown = ['words'], env: Io['env'] = { HOME: home }) {
  const io: Io = {
    out: () => {},
    err: () => {},
    read: (path) => {
      const text = files.get(path);
      if (text === undefined) throw new Error(`no ${path}`);
      return Buffer.from(text);
    },
    write: () => {},
    env,
    colour: false,
    columns: 80,
  };
  return filterCache(words, io);
}

/** Puts the plan as made from profile.json, and gives the path of its file. */
function put(): string {
  const made = cache();
  made.remembering().read('profile.json');
  made.put(plan);
  const [name = ''] = readdirSync(directory());
  expect(cache().get()).toEqual(plan);
  return join(directory(), name);
}

describe('the cache of filters', () => {
  test('gives back what was put for the same words and files, closed to others', () => {
    const path = put();
    expect(readdirSync(directory())).toHaveLength(1);
    expect(statSync(directory()).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(cache(['other words']).get()).toBeUndefined();
  });

  test('XDG_CACHE_HOME comes first; without any directory, or a relative one, nothing is kept', () => {
    const env = { HOME: '/nonexistent', XDG_CACHE_HOME: home };
    cache(['words'], env).put(plan);
    expect(cache(['words'], env).get()).toEqual(plan);
    expect(readdirSync(home)).toEqual(['callgate']);
    for (const none of [
      {},
      { HOME: '' },
      { HOME: 'relative' },
      { HOME: '/proc/nonexistent' },
      { HOME: '/dev/null' },
    ]) {
      cache(['words'], none).put(plan);
      expect(cache(['words'], none).get()).toBeUndefined();
    }
  });

  test('a file that has changed or is gone makes the plan anew', () => {
    put();
    files.set('profile.json', 'two');
    expect(cache().get()).toBeUndefined();
    files.delete('profile.json');
    expect(cache().get()).toBeUndefined();
  });

  test('what came from standard input is not kept', () => {
    files.set('-', 'text');
    const made = cache();
    made.remembering().read('-');
    made.put(plan);
    expect(cache().get()).toBeUndefined();
  });

  const amiss: Readonly<Record<string, (path: string) => void>> = {
    'a directory that others may enter': () => chmodSync(directory(), 0o755),
    'a file that others may write': (path) => chmodSync(path, 0o622),
    'a file that others may read': (path) => chmodSync(path, 0o604),
    'a link in the place of the file': (path) => {
      renameSync(path, `${path}.real`);
      symlinkSync(`${path}.real`, path);
    },
    'a link in the place of the directory': () => {
      renameSync(directory(), `${directory()}.real`);
      symlinkSync(`${directory()}.real`, directory());
    },
    'a filter that was exchanged': (path) => {
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, text.replace('"filter":"', '"filter":"BgAAAAAA/38'));
    },
    'a cut file': (path) => writeFileSync(path, readFileSync(path).subarray(0, 100)),
    'the plan of other words under this name': (path) => {
      cache(['other words']).put(plan);
      const other = readdirSync(directory()).find((name) => join(directory(), name) !== path) ?? '';
      renameSync(join(directory(), other), path);
    },
  };
  test.each(Object.keys(amiss))('%s is no plan', (title) => {
    amiss[title]?.(put());
    expect(cache().get()).toBeUndefined();
  });
});

describeWithOracle(isRoot ? undefined : 'root', 'the cache of filters and other owners', () => {
  test.each(['directory', 'file'])('a %s of somebody else is no plan', (what) => {
    const path = put();
    chownSync(what === 'file' ? path : directory(), 65534, 65534);
    expect(cache().get()).toBeUndefined();
  });
});
