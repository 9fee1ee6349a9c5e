import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createConnection } from 'vscode-languageserver/node';
import {
  CodeActionRequest,
  CompletionRequest,
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { processIo } from '../../src/cli/io/io.js';
import { serve } from '../../src/cli/lsp/server.js';
import { describeWithOracle, hasCommand } from '../oracle.js';
import { callgateHere } from '../scenarios/callgate.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'callgate-verbs-'));
  writeFileSync(
    join(directory, 'p.json'),
    '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read", "openat2", "clone3"], "action": "SCMP_ACT_ALLOW"}]}',
  );
  writeFileSync(
    join(directory, 'new.json'),
    '{"defaultAction": "SCMP_ACT_ERRNO", "archMap": [{"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}]}',
  );
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Words with `DIR` for the directory of these tests. */
const words = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) =>
    (match[1] ?? match[2] ?? '').replace('DIR', directory),
  );

describe('what people and programs are told', () => {
  test.each<[line: string, status: number, text: RegExp]>([
    [
      'diff docker@20.10.9 docker@20.10.10 --runtime runc@1.0.2 --arch amd64',
      1,
      /clone3[\s\S]*EPERM[\s\S]*ENOSYS/,
    ],
    ['diff docker@29.4.1 docker@29.4.2 --arch amd64 --format json', 1, /"widened"/],
    ['diff docker@28.5.1 docker@28.5.2 --arch amd64', 0, /same|equal|nothing/i],
    [
      'matrix clone3 fchmodat2 --engine docker@20.10.9,docker@24.0.9 --runtime runc,crun --arch amd64',
      0,
      /│/,
    ],
    ['matrix clone3 --engine docker@20.10.0..23.0.0 --arch amd64', 0, /│ 2\.5\.1 … 2\.6\.1 +│ ✗ EPERM/],
    ['matrix clone3 --engine docker@20.10.8..20.10.11 --arch amd64 --expand', 0, /20\.10\.11/],
    ['matrix socket --engine docker@28.5.2 --arch amd64 --format json', 0, /BY_ARGUMENTS/],
    ['prove DIR/p.json --never mount --arch amd64', 0, /✓ proved/],
    ['prove DIR/p.json --within docker@28.5.2 --arch amd64', 1, /✗ not so[\s\S]*clone3/],
    ['prove docker@28.5.2 --equals docker@28.5.1 --arch amd64 --format json', 0, /"proved": true/],
    ['backport docker@28.5.2 --to docker@19.03.15 --arch amd64', 1, /clone3|ENOSYS/],
    // One call can be answered otherwise on each ABI.
    [
      'backport docker@29.0.0 --to docker@20.10.9 --arch amd64',
      1,
      /\nallowed becomes EPERM: uretprobe close_range\n[\s\S]*\nallowed becomes ENOSYS on x86_64, x86: epoll_pwait2 [\s\S]*\nallowed becomes EPERM on x32: epoll_pwait2 /,
    ],
    // The newest engine is what the file leaves open, not what the older container is.
    [
      'backport DIR/p.json --engine docker --to docker@19.03.15+runc@1.0.0-rc10 --arch amd64',
      1,
      /\ndocker 19\.03\.15 · runc 1\.0\.0-rc10 [\s\S]*\nnote: .*libseccomp/,
    ],
    ['backport docker@28.5.2 --to docker@28.5.1 --arch amd64 --format json', 0, /"schemaVersion"/],
    [
      'update DIR/new.json --from docker@20.10.9 --to docker@28.5.2 --arch amd64',
      1,
      /: archMap\n {4}theirs: \+ SCMP_ARCH_RISCV64\n {4}ours: {3}- SCMP_ARCH_MIPS64 .* {2}- SCMP_ARCH_X86_64 SCMP_ARCH_X86 SCMP_ARCH_X32\n/,
    ],
    ['update DIR/p.json --from docker@24.0.9 --to docker@28.5.2', 0, /Follows the new default: .*cachestat/],
    ['show DIR/p.json --arch amd64', 0, /read/],
    ['show docker@28.5.2 --arch amd64 --format oci', 0, /"defaultAction"/],
    ['show docker@28.5.2 --arch amd64 --format docker', 0, /"archMap"|"architectures"/],
    ['show unconfined --arch amd64 --format json', 0, /"allowed"/],
    ['preflight DIR/p.json --runtime runc@1.1.5 --arch amd64', 1, /execve|needs|missing/i],
    ['doctor', 0, /kernel/i],
    ['doctor --format json', 0, /"schemaVersion"/],
    ['completion bash', 0, /complete /],
    ['completion zsh', 0, /compdef/],
    ['completion fish', 0, /complete -c callgate/],
    ['man', 0, /^\.TH/m],
    ["why 'RuntimeError: can’t start new thread' --engine docker@20.10.9 --arch amd64", 1, /clone3/],
  ])('callgate %s → %i', async (line, status, text) => {
    const outcome = await callgateHere(...words(line));
    expect([outcome.status, outcome.stderr]).toEqual([status, expect.any(String)]);
    expect(outcome.stdout).toMatch(text);
  });
});

describe('a shell is answered', () => {
  test.each<[line: string, candidate: RegExp]>([
    ['wh', /^why$/m],
    ['why clon', /^clone3$/m],
    ['why clone3 --engine docker@20.10.', /^docker@20\.10\.9$/m],
    ['why clone3 --runtime c', /^crun/m],
    ['why clone3 --cap-add SYS_N', /^SYS_NICE$/m],
    ['why clone3 --arch ar', /^arm64$/m],
    ['why clone3 --fo', /^--format$/m],
    ['why clone3 --format j', /^json$/m],
    ['show podman@5.', /^podman@5\.8\.2$/m],
    ['k8s ', /^explain$/m],
    ['k8s distribute --as d', /^daemonset$/m],
    ['extend docker --preset ', /^agent-sandbox$/m],
    ['extend docker --allow @', /^@/m],
    ['lint ', /^:\d+$/m],
  ])('%s', async (line, candidate) => {
    const outcome = await callgateHere('__completeNoDesc', ...line.split(' '));
    expect(outcome.stdout).toMatch(candidate);
    const described = await callgateHere('__complete', ...line.split(' '));
    expect(described.stdout).toMatch(new RegExp(candidate.source.replace('$', '(\\t.*)?$'), 'm'));
  });
});

describe('install-plugin', () => {
  test.each(['docker', 'kubectl'])('%s: written, refused over another’s file, taken away', async (host) => {
    const bin = join(directory, host);
    const file = join(bin, `${host}-callgate`);
    expect((await callgateHere('install-plugin', host, '--dir', bin)).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toMatch(/^#!/);
    expect((await callgateHere('install-plugin', host, '--dir', bin)).status).toBe(0);
    expect((await callgateHere('install-plugin', host, '--dir', bin, '--remove')).status).toBe(0);
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, 'mine');
    expect((await callgateHere('install-plugin', host, '--dir', bin)).status).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});

describeWithOracle(hasCommand('unshare') ? undefined : 'unshare (Debian: util-linux)', 'run', () => {
  test.each<[format: string, text: RegExp]>([
    ['human', /unshare\(CLONE_NEWUSER\) → EPERM[\s\S]*remedy/],
    ['json', /"denials"/],
    ['github', /::\w+ .*unshare/],
    ['markdown', /unshare\(CLONE_NEWUSER\)/],
  ])('reports as %s', async (format, text) => {
    const report = join(directory, `${format}.json`);
    const flags = ['--like', 'docker@28.5.2', '--format', format, '--report', report, '--fail-on-denial'];
    const { status, stderr } = await callgateHere('run', ...flags, '--', 'sh', '-c', 'unshare -U true; true');
    expect(stderr).toMatch(text);
    expect(status).not.toBe(0);
    expect(JSON.parse(readFileSync(report, 'utf8')).denials).toHaveLength(1);
  });
});

test('an editor is served: findings, hover, completion, fixes', async () => {
  const [up, down] = [new PassThrough(), new PassThrough()];
  const io = { ...processIo(), err: () => {} };
  const connection = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  serve(connection, io);
  const client = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  const told: PublishDiagnosticsParams[] = [];
  let heard = (): void => {};
  client.onNotification(PublishDiagnosticsNotification.type, (params) => {
    told.push(params);
    heard();
  });
  const next = () =>
    new Promise<PublishDiagnosticsParams>((resolve) => {
      heard = () => resolve(told.at(-1) as PublishDiagnosticsParams);
    });
  client.listen();
  await client.sendRequest(InitializeRequest.type, { processId: null, rootUri: null, capabilities: {} });
  await client.sendNotification(InitializedNotification.type, {});
  const uri = 'file:///seccomp.json';
  const text =
    '{"defaultAction": "SCMP_ACT_ERRNO",\n "syscalls": [{"names": ["clon3", "read", "read"], "action": "SCMP_ACT_ALLOW"}]}';
  const first = next();
  await client.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { uri, languageId: 'json', version: 1, text },
  });
  const { diagnostics } = await first;
  expect(diagnostics.map(({ message }) => message).join()).toContain('clone3');
  const place = { textDocument: { uri }, position: { line: 1, character: 38 } };
  const hover = await client.sendRequest(HoverRequest.type, place);
  expect(JSON.stringify(hover?.contents)).toContain('read');
  const found = await client.sendRequest(CompletionRequest.type, place);
  expect(JSON.stringify(found)).toContain('readv');
  const actions = await client.sendRequest(CodeActionRequest.type, {
    textDocument: { uri },
    range: { start: { line: 0, character: 0 }, end: { line: 2, character: 0 } },
    context: { diagnostics },
  });
  expect(JSON.stringify(actions)).toContain('newText');
  await client.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version: 2 },
    contentChanges: [{ text: '{"defaultAction": 1}' }],
  });
  while (told.at(-1)?.version !== 2) await next();
  expect(
    told
      .at(-1)
      ?.diagnostics.map(({ message }) => message)
      .join(),
  ).toContain('unexpected number 1');
  client.dispose();
  connection.dispose();
});
