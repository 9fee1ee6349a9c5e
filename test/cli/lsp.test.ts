import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CodeAction,
  CodeActionRequest,
  type CompletionItem,
  CompletionRequest,
  createProtocolConnection,
  type Diagnostic,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DidSaveTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
} from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { build, CALLGATE } from '../scenarios/callgate.js';

let directory: string;
let server: ChildProcess;
let client: ProtocolConnection;
/** By document: what it was last told, and who waits for more. */
const told = new Map<string, PublishDiagnosticsParams>();
const waiting = new Set<() => void>();

beforeAll(async () => {
  await build();
  directory = mkdtempSync(join(tmpdir(), 'callgate-lsp-'));
  server = spawn(process.execPath, [CALLGATE, 'lsp', '--stdio'], {
    cwd: directory,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (server.stdout === null || server.stdin === null) throw new Error('no pipes');
  client = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  client.onNotification(PublishDiagnosticsNotification.type, (params) => {
    told.set(params.uri, params);
    for (const check of waiting) check();
  });
  client.listen();
  const { capabilities, serverInfo } = await client.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: pathToFileURL(directory).href,
    capabilities: {},
  });
  expect(serverInfo?.name).toBe('callgate');
  expect(capabilities).toMatchObject({ hoverProvider: true, textDocumentSync: { save: true } });
  await client.sendNotification(InitializedNotification.type, {});
});
afterAll(async () => {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  await client.sendRequest(ShutdownRequest.type);
  await client.sendNotification(ExitNotification.type);
  expect(await ended).toBe(0);
  client.dispose();
  rmSync(directory, { recursive: true });
});

const uriOf = (name: string): string => pathToFileURL(join(directory, name)).href;

async function open(name: string, text: string): Promise<readonly Diagnostic[]> {
  const uri = uriOf(name);
  const textDocument = { uri, languageId: name.endsWith('json') ? 'json' : 'yaml', version: 1, text };
  await client.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
  return diagnostics(uri, 1);
}

/** What the server says of a version of a document, when it does. */
function diagnostics(uri: string, version: number): Promise<readonly Diagnostic[]> {
  return new Promise((resolve) => {
    const check = (): void => {
      const found = told.get(uri);
      if (found?.version !== version) return;
      waiting.delete(check);
      told.delete(uri);
      resolve(found.diagnostics);
    };
    waiting.add(check);
    check();
  });
}

/** Replaces a text's bar, which stands for the caret, and says where it was. */
function caret(marked: string) {
  const text = marked.replace('|', '');
  return { text, position: TextDocument.create('', '', 0, text).positionAt(marked.indexOf('|')) };
}

const applied = (text: string, edits: readonly TextEdit[]): string =>
  TextDocument.applyEdits(TextDocument.create('', '', 0, text), [...edits]);

const BROKEN = `{
  "defaultAction": "SCMP_ACT_ERNO",
  "syscalls": [
    {
      "names": ["read", "wirte", "clone3"],
      "action": "SCMP_ACT_ALLOW"
    }
  ]
}
`;

describe('findings', () => {
  test('of a profile, at its words', async () => {
    const found = await open('broken.json', BROKEN);
    expect(found).toContainEqual(
      expect.objectContaining({
        code: 'unknown-action',
        severity: 1,
        source: 'callgate',
        range: { start: { line: 1, character: 19 }, end: { line: 1, character: 34 } },
      }),
    );
    expect(found).toContainEqual(
      expect.objectContaining({
        code: 'unknown-name',
        message: expect.stringContaining('did you mean write?'),
        range: { start: { line: 4, character: 24 }, end: { line: 4, character: 31 } },
      }),
    );
  });

  test('go with the text as it is changed, and when it is closed', async () => {
    const uri = uriOf('broken.json');
    const changes: readonly [number, string][] = [
      [2, 'x'],
      [3, ''],
    ];
    for (const [version, text] of changes) {
      const line = { line: 1, character: 33 };
      await client.sendNotification(DidChangeTextDocumentNotification.type, {
        textDocument: { uri, version },
        contentChanges: [
          { range: { start: line, end: { ...line, character: version === 2 ? 33 : 34 } }, text },
        ],
      });
    }
    const found = await diagnostics(uri, 3);
    expect(found.map(({ code }) => code)).toContain('unknown-action');
    await client.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version: 4 },
      contentChanges: [{ text: BROKEN.replace('ERNO', 'ERRNO').replace('wirte', 'write') }],
    });
    const codes = (await diagnostics(uri, 4)).map(({ code }) => code);
    expect(codes).not.toContain('unknown-action');
    expect(codes).not.toContain('unknown-name');
    await client.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  });

  test.each([
    ['syntax.json', '{"defaultAction": "SCMP_ACT_ALLOW",\n "syscalls": [}', 'syntax', 1],
    [
      'spo.yaml',
      'apiVersion: security-profiles-operator.x-k8s.io/v1beta1\nkind: SeccompProfile\nspec:\n  defaultAction: SCMP_ACT_ALOW\n',
      'unknown-action',
      3,
    ],
    ['a.test.yaml', 'contexts: {new: docker@28.5.2}\ntests:\n  - calls:\n      clnoe3: EPERM\n', 'syntax', 3],
    ['b.test.yaml', 'tests:\n  - calls:\n      clone3: ENOSUS\n', 'syntax', 2],
    ['c.test.yaml', 'tests:\n  - cals:\n      clone3: ENOSYS\n', 'syntax', 1],
    ['callgate.config.json', '{\n  "contxt": "docker"\n}', 'syntax', 1],
  ])('of %s', async (name, text, code, line) => {
    const found = await open(name, text);
    expect(found.map((one) => [one.code, one.range.start.line])).toContainEqual([code, line]);
  });

  test.each([
    ['package.json', '{"name": "x", "scripts": {"test": "x"}}'],
    [
      'deploy.yaml',
      'apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    {"defaultAction": "SCMP_ACT_NOPE"}\n',
    ],
    ['half.json', '{"defau'],
  ])('none of %s', async (name, text) => {
    expect(await open(name, text)).toEqual([]);
  });

  test('of a huge text is only that it is one', async () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `"call${index}"`).join(',');
    const text = `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [${names}], "action": "SCMP_ACT_ERRNO"}]}`;
    expect((await open('huge.json', text)).map(({ code }) => code)).toEqual(['too-long']);
  });

  test('are for the container of callgate.config.json, also after that is changed', async () => {
    const text =
      '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["fchmodat2"], "action": "SCMP_ACT_ALLOW"}]}';
    const config = join(directory, 'callgate.config.json');
    const rules = async (context: string): Promise<readonly unknown[]> => {
      writeFileSync(config, JSON.stringify({ context }));
      const textDocument = { uri: pathToFileURL(config).href };
      await client.sendNotification(DidSaveTextDocumentNotification.type, { textDocument });
      return (await diagnostics(uriOf('new.json'), 1)).map(({ code }) => code);
    };
    await open('new.json', text);
    expect(await rules('docker@20.10.9+libseccomp@2.5.1')).toContain('name-newer-than-libseccomp');
    expect(await rules('docker@28.5.2+libseccomp@2.6.0')).not.toContain('name-newer-than-libseccomp');
    rmSync(config);
  });
});

describe('completion', () => {
  test.each([
    ['{"defaultAction": "SCMP_ACT_|"}', 'SCMP_ACT_ERRNO', '{"defaultAction": "SCMP_ACT_ERRNO"}'],
    ['{"defaultAction": |}', 'SCMP_ACT_LOG', '{"defaultAction": "SCMP_ACT_LOG"}'],
    [
      '{"defaultAction": "SCMP_ACT_ALLOW", "sysc|"}',
      'syscalls',
      '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls"}',
    ],
    [
      '{"defaultAction": "", "syscalls": [{"names": ["clo|',
      'clone3',
      '{"defaultAction": "", "syscalls": [{"names": ["clone3',
    ],
    [
      '{"defaultAction": "", "syscalls": [{"includes": {"caps": ["|"]}}]}',
      'CAP_SYS_ADMIN',
      '{"defaultAction": "", "syscalls": [{"includes": {"caps": ["CAP_SYS_ADMIN"]}}]}',
    ],
    [
      '{"defaultAction": "", "syscalls": [{"args": [{"op": "|"}]}]}',
      'SCMP_CMP_MASKED_EQ',
      '{"defaultAction": "", "syscalls": [{"args": [{"op": "SCMP_CMP_MASKED_EQ"}]}]}',
    ],
    [
      '{"defaultAction": "", "syscalls": [{"excludes": {"arches": ["a|"]}}]}',
      'arm64',
      '{"defaultAction": "", "syscalls": [{"excludes": {"arches": ["arm64"]}}]}',
    ],
    [
      'defaultAction: SCMP_ACT_ERRNO\nsyscalls:\n- names:\n  - sock|\n',
      'socket',
      'defaultAction: SCMP_ACT_ERRNO\nsyscalls:\n- names:\n  - socket\n',
    ],
  ])('%s → %s', async (marked, word, result) => {
    const name = `complete-${Math.random()}.${marked.startsWith('{') ? 'json' : 'yaml'}`;
    const { text, position } = caret(marked);
    await open(name, text);
    const items = (await client.sendRequest(CompletionRequest.type, {
      textDocument: { uri: uriOf(name) },
      position,
    })) as readonly CompletionItem[];
    const item = items.find(({ label }) => label === word);
    if (item?.textEdit === undefined || !('range' in item.textEdit)) throw new Error(`no ${word}`);
    expect(applied(text, [item.textEdit])).toBe(result);
  });
});

describe('hover', () => {
  test.each([
    [
      '"clo|ne3"',
      [
        /^\*\*clone3\*\*: /,
        /since Linux 5\.3/,
        /x86_64 435/,
        /docker \d.*: ENOSYS/,
        /podman \d/,
        /containerd \d/,
      ],
    ],
    ['"|mount"', [/x86_64 165/, /docker \d.*: EPERM/]],
  ] as const)('%s', async (word, parts) => {
    const name = `hover-${parts.length}.json`;
    const { text, position } = caret(
      `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": [${word}]}]}`,
    );
    await open(name, text);
    const hover = await client.sendRequest(HoverRequest.type, {
      textDocument: { uri: uriOf(name) },
      position,
    });
    if (hover?.range === undefined) throw new Error('nothing to show');
    for (const part of parts) expect((hover.contents as { value: string }).value).toMatch(part);
    const { start, end } = hover.range;
    expect(text.slice(start.character, end.character)).toBe(word.replace(/["|]/g, ''));
  });
});

describe('fixes', () => {
  const actions = async (name: string, only?: string[]): Promise<readonly CodeAction[]> =>
    (await client.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: uriOf(name) },
      range: { start: { line: 4, character: 26 }, end: { line: 4, character: 26 } },
      context: { diagnostics: [], ...(only === undefined ? {} : { only }) },
    })) as readonly CodeAction[];

  test('one for the finding under the caret', async () => {
    await open('fix.json', BROKEN);
    const [action, ...others] = await actions('fix.json', ['quickfix']);
    expect(others).toEqual([]);
    const edits = action?.edit?.changes?.[uriOf('fix.json')] ?? [];
    expect(applied(BROKEN, edits)).toBe(BROKEN.replace('wirte', 'write'));
  });

  test('one for all, which is what lint --fix does', async () => {
    const [action] = await actions('fix.json', ['source.fixAll']);
    const edits = action?.edit?.changes?.[uriOf('fix.json')] ?? [];
    expect(applied(BROKEN, edits)).toBe(BROKEN.replace('wirte', 'write').replace('ERNO', 'ERRNO'));
  });
});

test('a server whose editor is gone ends', async () => {
  const alone = spawn(process.execPath, [CALLGATE, 'lsp'], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => alone.once('exit', resolve));
  alone.stdin.end();
  await ended;
  expect(alone.signalCode).toBeNull();
});
