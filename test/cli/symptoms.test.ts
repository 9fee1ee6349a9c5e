import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcess } from './inProcess.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'callgate-symptoms-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const run = (argv: readonly string[], input = '') => inProcess(argv, { read: () => Buffer.from(input) });

const OLD = [
  '--engine',
  'docker@20.10.9',
  '--runtime',
  'runc@1.0.2',
  '--libseccomp',
  '2.5.1',
  '--arch',
  'amd64',
];

describe('why TEXT', () => {
  it('lists symptoms and explains the first call', async () => {
    const { status, out } = await run([
      'why',
      'popen failure: Cannot allocate memory',
      ...OLD,
      '--format',
      'json',
    ]);
    const answer = JSON.parse(out);
    expect(status).toBe(1);
    expect(answer.symptoms[0]).toMatchObject({ call: 'clone3', source: expect.stringMatching(/#\d+$/) });
    expect(answer.symptoms[0].confidence).toBeGreaterThan(0.9);
    expect(answer).toMatchObject({
      schemaVersion: 1,
      call: { syscall: 'clone3', number: 435, abi: 'x86_64' },
      verdict: { action: 'SCMP_ACT_ERRNO', errno: 'EPERM' },
    });
    expect(answer.remedies.length).toBeGreaterThan(1);
  });

  it('says the same to a person', async () => {
    const { out } = await run(['why', "RuntimeError: can't start new thread", ...OLD]);
    expect(out).toMatch(/^Cause\n {2}1\. clone3 {2}\d\d %\n/);
    expect(out).toMatch(/✗ EPERM/);
  });

  it('explains a cause that is no call', async () => {
    const text = 'seccomp: config provided but seccomp not supported';
    const json = await run(['why', text, '--format', 'json']);
    const answer = JSON.parse(json.out);
    expect(json.status).toBe(1);
    expect(answer).toMatchObject({ schemaVersion: 1, call: null, symptoms: [{ call: null }], remedies: [] });
    expect(answer.reasons[0]).toMatchObject({
      stage: 'runtime',
      text: expect.stringContaining('built without seccomp'),
    });
    expect((await run(['why', text])).out).toContain('no call was denied');
  });

  it('reads standard input, a call included', async () => {
    const log = 'starting\nmbind: Operation not permitted\nbye\n';
    const found = JSON.parse((await run(['why', '-', ...OLD, '--format', 'json'], log)).out);
    expect(found.symptoms[0]).toMatchObject({ call: 'mbind', line: 'mbind: Operation not permitted' });
    expect(
      JSON.parse((await run(['why', '-', ...OLD, '--format', 'json'], 'clone3\n')).out).call.syscall,
    ).toBe('clone3');
  });

  it('asks a 32-bit ABI for a call that is only there', async () => {
    const { out } = await run(['why', 'Thu Jan  1 00:00:00 UTC 1970', ...OLD, '--format', 'json']);
    expect(JSON.parse(out).call).toMatchObject({ syscall: 'clock_gettime64', abi: 'x86' });
  });

  it.each([
    ['clone33', /no system call is called clone33[\s\S]*did you mean clone3/],
    ['socket(AF_NOPE)', /AF_NOPE/],
    ['hello world, a fine day', /nothing in this text points to a system call/],
  ])('refuses %s', async (text, message) => {
    const { status, err, out } = await run(['why', text]);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('keeps control characters of a log from the terminal', async () => {
    const { out } = await run(
      ['why', '-', ...OLD],
      'x\n\u001b]0;evil\u0007 mbind: Operation not permitted\ny\n\nz',
    );
    expect(out).toContain('mbind');
    expect(out).not.toMatch(/[\u0007\u001b]/);
  });
});

describe('decode', () => {
  const LINE =
    'audit: type=1326 audit(1600172800.965:102): auid=1 uid=0 gid=0 ses=1 pid=9 comm="ta\u202er" exe="/bin/tar" sig=0 arch=c000003e syscall=452 compat=0 ip=0x1 code=0x50000';

  it('reads files, to JSON lines whose every key is right', async () => {
    const file = join(directory, 'audit.log');
    writeFileSync(file, `noise\n${LINE}\nnoise`);
    const { status, out } = await run(['decode', file, '--format', 'json']);
    expect(status).toBe(0);
    expect(out.split('\n')).toHaveLength(2);
    expect(JSON.parse(out)).toEqual({
      kind: 'seccomp',
      format: 'kernel',
      abi: 'x86_64',
      auditArch: '0xc000003e',
      number: 452,
      syscall: 'fchmodat2',
      action: 'SCMP_ACT_ERRNO',
      code: '0x50000',
      meaning: expect.stringMatching(/^fchmodat2 \(.+\): denied with an errno/),
      time: '2020-09-15T12:26:40.965Z',
      serial: 102,
      signal: 0,
      pid: 9,
      uid: '0',
      auid: '1',
      comm: 'ta\u202er',
      exe: '/bin/tar',
      instructionPointer: '0x1',
    });
  });

  it('takes a line itself, and keeps its control characters from the terminal', async () => {
    const { status, out } = await run(['decode', LINE]);
    expect(status).toBe(0);
    expect(out).toMatch(
      /^fchmodat2 {2}2020-09-15T12:26:40.965Z · ta\ufffdr · \/bin\/tar · pid 9 · x86_64 452\n/,
    );
  });

  it('takes masks', async () => {
    const { out } = await run(['decode', '00000000a80425fb']);
    expect(out).toMatch(/14 capabilities\n {2}Docker’s default set of capabilities\n/);
    expect(out).toMatch(/CHOWN DAC_OVERRIDE FOWNER/);
  });

  it.each([
    [['decode', 'nothing to see here'], 1, /no record of seccomp or of capabilities was found/],
    [['decode', '/does/not/exist'], 2, /cannot read \/does\/not\/exist: no such file/],
    [['decode', '/'], 2, /cannot read \/: it is a directory/],
    [['decode', '0x1', '--arch', 'pdp11'], 2, /no architecture is called pdp11/],
  ])('%j ends with %d', async (argv, status, message) => {
    const outcome = await run(argv);
    expect(outcome.status).toBe(status);
    expect(outcome.err).toMatch(message);
  });
});
