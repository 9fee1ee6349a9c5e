import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallgateError } from '../../src/error.js';
import { boundedSeries, type Labels } from '../../src/linux/agent/boundedSeries.js';
import { cgroupOf, readCgroup } from '../../src/linux/agent/cgroupOf.js';
import { type Following, followFile } from '../../src/linux/agent/followFile.js';
import { type AgentServer, type Page, serveAgent } from '../../src/linux/agent/httpServer.js';
import { type Installation, installProfiles } from '../../src/linux/agent/installProfiles.js';
import { lineBudget } from '../../src/linux/agent/lineBudget.js';
import { lineCutter } from '../../src/linux/agent/lineCutter.js';
import { isOwnHost, listenAddress } from '../../src/linux/agent/listenAddress.js';
import { keepProfiles, type ProfileKeeper } from '../../src/linux/agent/profileKeeper.js';
import { readProfileSource } from '../../src/linux/agent/profileSource.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'callgate-agent-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const A = '{"defaultAction": "SCMP_ACT_ALLOW"}\n';
const B = '{"defaultAction": "SCMP_ACT_ERRNO"}\n';
type Files = Readonly<Record<string, string>>;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

describe('profiles', () => {
  let source: string;
  let target: string;
  let keeper: ProfileKeeper | undefined;
  let version = 0;
  beforeEach(() => {
    source = join(root, 'source');
    target = join(root, 'seccomp');
    mkdirSync(source);
    mkdirSync(target);
  });
  afterEach(() => {
    keeper?.stop();
    keeper = undefined;
  });

  /** As the kubelet writes a ConfigMap: a new directory, and one link that is swapped. */
  const provide = (files: Files): void => {
    const fresh = `..version${++version}`;
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(source, fresh, name)), { recursive: true });
      writeFileSync(join(source, fresh, name), text);
    }
    mkdirSync(join(source, fresh), { recursive: true });
    symlinkSync(fresh, join(source, '..data_tmp'));
    renameSync(join(source, '..data_tmp'), join(source, '..data'));
    for (const name of readdirSync(source))
      if (name.startsWith('..version') && name !== fresh) rmSync(join(source, name), { recursive: true });
  };
  const install = (overwrite = false): Installation =>
    installProfiles(readProfileSource(source), { target, name: 'test', overwrite });
  const installed = (): Files =>
    Object.fromEntries(
      readdirSync(target, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path.slice(target.length + 1), readFileSync(path, 'utf8')]),
    );

  it('are installed, changed and taken away; two dashes of a key are a slash', () => {
    provide({ 'team--web.json': A, 'db.json': A, 'README.md': 'text' });
    expect(install().changes).toEqual([
      { kind: 'installed', path: 'db.json' },
      { kind: 'installed', path: 'team/web.json' },
    ]);
    expect(installed()).toEqual({
      '.test.list': 'db.json\nteam/web.json\n',
      'db.json': A,
      'team/web.json': A,
    });
    provide({ 'db.json': B });
    expect(install().changes).toEqual([
      { kind: 'installed', path: 'db.json' },
      { kind: 'removed', path: 'team/web.json' },
    ]);
    expect(installed()).toEqual({ '.test.list': 'db.json\n', 'db.json': B });
    expect(install()).toEqual({ inPlace: ['db.json'], changes: [], failed: new Map() });
  });

  it('of others stay, unless they are the same or overwriting was asked for', () => {
    writeFileSync(join(target, 'a.json'), 'theirs');
    writeFileSync(join(target, 'b.json'), B);
    provide({ 'a.json': A, 'b.json': B });
    expect(install().failed.get('a.json')).toMatch(/another file of that name/);
    expect(installed()).toEqual({ 'a.json': 'theirs', 'b.json': B, '.test.list': 'b.json\n' });
    expect(install(true).failed.size).toBe(0);
    expect(installed()['a.json']).toBe(A);
    provide({});
    install();
    expect(installed()).toEqual({ '.test.list': '' });
  });

  it('that no engine could read leave what is installed of them', () => {
    provide({ 'a.json': A, 'b.json': A });
    install();
    provide({ 'a.json': '{"defaultAction": ', 'b.json': B, 'c.json': '[]' });
    const { failed, inPlace } = install();
    expect([...failed.keys()]).toEqual(['a.json', 'c.json']);
    expect(inPlace).toEqual(['b.json']);
    expect(installed()).toEqual({ '.test.list': 'a.json\nb.json\n', 'a.json': A, 'b.json': B });
  });

  it.each(['.hidden.json', 'a--..--..--b.json', '--etc--x.json'])(
    'whose name is %s are not installed',
    (name) => {
      provide({ [name]: A });
      expect([...install().failed.values()]).toEqual(['its name is no path for a profile']);
      expect(Object.keys(installed())).toEqual([]);
    },
  );

  it('in a list that names files elsewhere are not ours', () => {
    writeFileSync(join(root, 'precious.json'), A);
    writeFileSync(join(target, '.test.list'), `../precious.json\n${join(root, 'precious.json')}\n`);
    provide({ 'a.json': A });
    install();
    expect(existsSync(join(root, 'precious.json'))).toBe(true);
    expect(installed()).toEqual({ '.test.list': 'a.json\n', 'a.json': A });
  });

  it('of a killed run: parts are swept, and what it had listed is known again', () => {
    provide({ 'a.json': A });
    writeFileSync(join(target, '.test.list'), 'a.json\nold.json\n');
    writeFileSync(join(target, 'a.json'), B);
    writeFileSync(join(target, 'old.json'), A);
    writeFileSync(join(target, 'a.json.test.part'), 'half of');
    writeFileSync(join(target, 'a.json.other.part'), 'somebody else’s');
    expect(install().failed.size).toBe(0);
    expect(installed()).toEqual({
      '.test.list': 'a.json\n',
      'a.json': A,
      'a.json.other.part': 'somebody else’s',
    });
  });

  it('that cannot be written do not keep others from it', () => {
    // A file where a directory is needed.
    writeFileSync(join(target, 'team'), '');
    mkdirSync(join(target, 'b.json'));
    provide({ 'team--web.json': A, 'b.json': A, 'z.json': A });
    expect([...install().failed.keys()]).toEqual(['b.json', 'team/web.json']);
    expect(installed()['z.json']).toBe(A);
  });

  it('are kept: swaps of the ConfigMap and changes of files are seen', async () => {
    const failures: string[] = [];
    provide({ 'a.json': A });
    keeper = keepProfiles({
      source,
      target,
      name: 'test',
      overwrite: false,
      onInstallation: () => undefined,
      onFailure: (text) => void failures.push(text),
    });
    expect(keeper.ready()).toBe(true);
    provide({ 'a.json': B, 'b.json': A });
    await until(() => installed()['b.json'] === A && installed()['a.json'] === B);
    writeFileSync(join(target, 'a.json'), 'broken');
    await until(() => installed()['a.json'] === B);
    rmSync(join(target, 'b.json'));
    await until(() => installed()['b.json'] === A);
    expect(failures).toEqual([]);
  });

  it('of a directory that is not there: nothing is taken away', () => {
    provide({ 'a.json': A });
    install();
    rmSync(source, { recursive: true });
    const failures: string[] = [];
    keeper = keepProfiles({
      source,
      target,
      name: 'test',
      overwrite: false,
      onInstallation: () => undefined,
      onFailure: (text) => void failures.push(text),
    });
    expect(keeper.ready()).toBe(false);
    expect(failures[0]).toMatch(/cannot read the profiles in .*ENOENT/);
    expect(installed()['a.json']).toBe(A);
  });

  it('more than a ConfigMap holds are refused', () => {
    provide(Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`${index}.json`, A])));
    expect(() => install()).toThrow(CallgateError);
  });
});

describe('a followed file', () => {
  let path: string;
  let text: string;
  let following: Following | undefined;
  const problems: string[] = [];
  beforeEach(() => {
    path = join(root, 'audit.log');
    text = '';
    problems.length = 0;
  });
  afterEach(() => following?.stop());
  const follow = (): void => {
    following = followFile({
      path,
      take: (piece) => {
        text += Buffer.from(piece).toString();
      },
      onNewFile: () => {
        text += '|';
      },
      onProblem: (problem) => void problems.push(problem),
    });
  };

  it('gives what is appended, and nothing of before', async () => {
    writeFileSync(path, 'before\n');
    follow();
    appendFileSync(path, 'one\n');
    await until(() => text === 'one\n');
  });

  it('is read to its end when it is renamed, and then the new one', async () => {
    writeFileSync(path, '');
    follow();
    appendFileSync(path, 'one\n');
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, 'two\n');
    writeFileSync(path, 'three\n');
    await until(() => text === 'one\ntwo\n|three\n');
    appendFileSync(path, 'four\n');
    await until(() => text.endsWith('four\n'));
  });

  it('is read from its beginning when it was emptied', async () => {
    writeFileSync(path, 'much text before\n');
    follow();
    truncateSync(path);
    appendFileSync(path, 'one\n');
    await until(() => text === '|one\n');
  });

  it('is waited for', async () => {
    follow();
    expect(problems).toEqual([expect.stringMatching(/cannot read .*ENOENT; waiting for it/)]);
    writeFileSync(path, 'one\n');
    await until(() => text === '|one\n');
    expect(problems).toHaveLength(1);
  });
});

describe('lines', () => {
  it.each<[readonly string[], readonly string[]]>([
    [['one\ntwo\n'], ['one', 'two']],
    [
      ['o', 'ne\nt', 'wo'],
      ['one', 'two'],
    ],
    [['one\r\n\n'], ['one', '']],
    [[], []],
  ])('of %j: %j', (pieces, expected) => {
    const lines: string[] = [];
    const cutter = lineCutter((line) => void lines.push(line));
    for (const piece of pieces) cutter.push(Buffer.from(piece));
    cutter.end();
    expect(lines).toEqual(expected);
  });

  it('of several bytes a character, and lines without an end', () => {
    const lines: string[] = [];
    const cutter = lineCutter((line) => void lines.push(line));
    for (const byte of Buffer.from('ä€\n')) cutter.push(Uint8Array.of(byte));
    for (let index = 0; index < 100; index++) cutter.push(Buffer.alloc(10_000, 'x'));
    cutter.push(Buffer.from('\nlast\n'));
    expect(lines[0]).toBe('ä€');
    expect(lines[1]).toHaveLength(65_536);
    expect(lines.slice(2)).toEqual(['last']);
  });

  it('are bounded a second, and the rest is counted', () => {
    let now = 0;
    const budget = lineBudget(10, () => now);
    const taken = (): number => Array.from({ length: 100 }, budget.take).filter(Boolean).length;
    expect(taken()).toBe(20);
    expect(budget.takeSuppressed()).toBe(80);
    now = 500;
    expect(taken()).toBe(5);
    expect([budget.takeSuppressed(), budget.takeSuppressed()]).toEqual([95, 0]);
    now = 60_000;
    expect(taken()).toBe(20);
  });
});

describe('series', () => {
  const labels = (pod: number, call = 'mount'): Labels => ({ pod: `p${pod}`, call });
  const other = { pod: 'other', call: 'mount' };

  it('are bounded: first the pod is left out, then everything', () => {
    const series = boundedSeries(4, ['pod'], 1000);
    for (let pod = 0; pod < 4; pod++) expect(series.place(labels(pod), 0)).toEqual({ labels: labels(pod) });
    expect(series.place(labels(0), 0)).toEqual({ labels: labels(0) });
    expect(series.place(labels(9), 0)).toEqual({ labels: other });
    expect(series.place(labels(9, 'bpf'), 0)).toEqual({ labels: { pod: 'other', call: 'bpf' } });
    expect(series.place(labels(9, 'open'), 0)).toEqual({ labels: { pod: 'other', call: 'other' } });
    expect(series.place(labels(8), 0)).toEqual({ labels: other });
  });

  it('whose container ended long ago make room', () => {
    const series = boundedSeries(2, ['pod'], 1000);
    series.place(labels(0), 0);
    series.place(labels(1), 0);
    series.end({ pod: 'p1' }, 10);
    expect(series.place(labels(2), 500)).toEqual({ labels: other });
    expect(series.place(labels(2), 1010)).toEqual({ labels: labels(2), evicted: labels(1) });
    expect(series.size()).toBe(2);
  });

  it('of a container that came back stay', () => {
    const series = boundedSeries(1, ['pod'], 1000);
    series.place(labels(0), 0);
    series.end({ pod: 'p0' }, 0);
    series.place(labels(0), 100);
    expect(series.place(labels(1), 5000)).toEqual({ labels: other });
  });
});

describe('the cgroup of a process', () => {
  const id = 'ab'.repeat(32);
  const uid = 'b1946ac9-2493-4f4c-9f1b-6a1f3c7d2e10';
  it.each([
    [`0::/kubepods/burstable/pod${uid}/${id}\n`, { container: id, podUid: uid }],
    [
      `0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${uid.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope\n`,
      { container: id, podUid: uid },
    ],
    [
      `12:pids:/kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice/crio-${id}.scope/container\n1:x:/\n`,
      { container: id, podUid: uid },
    ],
    [`0::/system.slice/docker-${id}.scope\n`, { container: id }],
    [`4:memory:/docker/${id}\n`, { container: id }],
    [`0::/machine.slice/libpod-${id}.scope\n`, { container: id }],
    ['0::/user.slice/session-1.scope\n', {}],
    ['', {}],
  ])('%j', (text, names) => expect(readCgroup(text)).toEqual(names));

  it('of one that has ended is not known', () => expect(cgroupOf(2 ** 22 + 1)).toEqual({}));
});

describe('an address', () => {
  it.each([
    ['127.0.0.1:9464', '127.0.0.1', 9464],
    ['0.0.0.0:0', '0.0.0.0', 0],
    ['[::1]:80', '::1', 80],
  ])('%s', (word, host, port) => expect(listenAddress(word)).toEqual({ host, port }));

  it.each(['9464', ':9464', 'localhost:9464', '0.0.0.0', '::1:80', '1.2.3.4:99999', '[::1]'])(
    '%s is none',
    (word) => expect(() => listenAddress(word)).toThrow(/is no address/),
  );

  it.each<[string | undefined, string, boolean]>([
    ['127.0.0.1:9464', '127.0.0.1', true],
    ['localhost:9464', '127.0.0.1', true],
    ['localhost', '127.0.0.1', true],
    ['[::1]:9464', '::1', true],
    ['evil.example:9464', '127.0.0.1', false],
    ['10.0.0.7:9464', '127.0.0.1', false],
    ['10.0.0.7:9464', '0.0.0.0', true],
    ['[fd00::7]:9464', '::', true],
    ['evil.example', '0.0.0.0', false],
    ['agent.monitoring.svc:9464', '0.0.0.0', true],
    ['', '0.0.0.0', false],
    [undefined, '127.0.0.1', false],
    ['127.0.0.1.evil.example', '127.0.0.1', false],
  ])('Host %j of a server on %s: %s', (host, own, yes) =>
    expect(isOwnHost(host, { host: own, port: 9464 }, ['agent.monitoring.svc'])).toBe(yes),
  );
});

describe('the HTTP server', () => {
  let server: AgentServer;
  beforeEach(async () => {
    const page: Page = { status: 200, type: 'text/plain', body: 'ok\n' };
    server = await serveAgent({
      address: { host: '127.0.0.1', port: 0 },
      names: [],
      pages: new Map<string, () => Page | Promise<Page>>([
        ['/metrics', () => page],
        ['/broken', () => Promise.reject(new Error('no'))],
      ]),
    });
  });
  afterEach(() => server.close());

  const ask = (path: string, method = 'GET', headers: Files = {}): Promise<number> =>
    new Promise((resolve, reject) => {
      const { host, port } = server.address;
      const sent = request({ host, port, path, method, headers, agent: false }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      });
      sent.on('error', reject).end();
    });

  it.each<[string, string, Files, number]>([
    ['/metrics', 'GET', {}, 200],
    ['/metrics?x=1', 'HEAD', {}, 200],
    ['/metrics', 'POST', {}, 405],
    ['/', 'GET', {}, 404],
    ['/../metrics', 'GET', {}, 404],
    ['/metrics', 'GET', { host: 'evil.example' }, 403],
    ['/metrics', 'GET', { origin: 'http://evil.example' }, 403],
    ['/broken', 'GET', {}, 500],
  ])('%s %s %j: %d', async (path, method, headers, status) => {
    expect(await ask(path, method, headers)).toBe(status);
  });

  it('says that its address is taken', async () => {
    await expect(serveAgent({ address: server.address, names: [], pages: new Map() })).rejects.toThrow(
      /cannot listen on .*EADDRINUSE/,
    );
  });
});
