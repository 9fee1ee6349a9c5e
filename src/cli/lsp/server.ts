import { fileURLToPath } from 'node:url';
import {
  CodeActionKind,
  type CompletionItem,
  CompletionItemKind,
  type Connection,
  MarkupKind,
  TextDocumentSyncKind,
  TextDocuments,
  TextEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { type Proposal, proposalsAt } from '../../editor/complete.js';
import { documentKind } from '../../editor/documentKind.js';
import { hoverAt } from '../../editor/hover.js';
import { looksLikeJson } from '../../editor/place.js';
import type { Io } from '../io/io.js';
import { version } from '../version.js';
import { codeActions } from './actions.js';
import { type Checked, check } from './check.js';
import { toDiagnostic } from './diagnostic.js';

/** Milliseconds without a change after which a document is looked at. */
const PAUSE = 120;

/** Serves one client of the Language Server Protocol until it says exit or goes away. */
export function serve(connection: Connection, io: Io): void {
  const documents = new TextDocuments(TextDocument);
  const checked = new Map<string, Checked>();
  const timers = new Map<string, NodeJS.Timeout>();

  connection.onInitialize(() => ({
    serverInfo: { name: 'callgate', version },
    capabilities: {
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
      completionProvider: { triggerCharacters: ['"', '_', '['] },
      hoverProvider: true,
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.SourceFixAll] },
    },
  }));

  const look = async (uri: string): Promise<Checked | undefined> => {
    const document = documents.get(uri);
    if (document === undefined) return undefined;
    const known = checked.get(uri);
    if (known?.version === document.version) return known;
    const found = await check(document, pathOf(uri), io);
    // A newer text has come meanwhile: it has its own turn.
    if (documents.get(uri)?.version !== document.version) return undefined;
    checked.set(uri, found);
    const diagnostics = found.findings.map((finding) => toDiagnostic(finding, document));
    await connection.sendDiagnostics({ uri, version: document.version, diagnostics });
    return found;
  };

  const soon = (uri: string): void => {
    clearTimeout(timers.get(uri));
    const run = (): void => {
      timers.delete(uri);
      look(uri).catch((error: unknown) => connection.console.error(String(error)));
    };
    timers.set(uri, setTimeout(run, PAUSE));
  };

  documents.onDidChangeContent(({ document }) => soon(document.uri));
  // The configuration that a profile is checked with may be what was saved.
  documents.onDidSave(() => {
    checked.clear();
    for (const uri of documents.keys()) soon(uri);
  });
  documents.onDidClose(({ document: { uri } }) => {
    clearTimeout(timers.get(uri));
    timers.delete(uri);
    checked.delete(uri);
    void connection.sendDiagnostics({ uri, diagnostics: [] });
  });

  connection.onCompletion(({ textDocument: { uri }, position }) => {
    const document = profileAt(uri);
    if (document === undefined) return [];
    const text = document.getText();
    const found = proposalsAt(text, document.offsetAt(position));
    if (found === undefined) return [];
    const { from, to, quoted, proposals } = found;
    const range = { start: document.positionAt(from), end: document.positionAt(to) };
    const quote = quoted || !looksLikeJson(text) ? '' : '"';
    return proposals.map((proposal) => ({
      ...toItem(proposal),
      textEdit: TextEdit.replace(range, `${quote}${proposal.word}${quote}`),
    }));
  });

  connection.onHover(async ({ textDocument: { uri }, position }) => {
    const document = profileAt(uri);
    if (document === undefined) return null;
    const found = await hoverAt(document.getText(), document.offsetAt(position));
    if (found === undefined) return null;
    return {
      contents: { kind: MarkupKind.Markdown, value: found.markdown },
      range: { start: document.positionAt(found.from), end: document.positionAt(found.to) },
    };
  });

  connection.onCodeAction(async ({ textDocument: { uri }, range, context: { only } }) => {
    const document = documents.get(uri);
    const found = await look(uri);
    return document === undefined || found === undefined ? [] : codeActions(document, found, range, only);
  });

  const profileAt = (uri: string): TextDocument | undefined => {
    const document = documents.get(uri);
    const isProfile = document !== undefined && mayBeProfile(pathOf(uri), document.getText());
    return isProfile ? document : undefined;
  };

  documents.listen(connection);
  connection.listen();
}

/** One that is only begun has nothing yet that tells it. */
function mayBeProfile(path: string, text: string): boolean {
  const kind = documentKind(path, text);
  return kind === 'profile' || (kind === undefined && /seccomp/i.test(path));
}

/** Documents that are not saved have other schemes. */
function pathOf(uri: string): string {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : uri;
  } catch {
    return uri;
  }
}

const KINDS = {
  key: CompletionItemKind.Property,
  constant: CompletionItemKind.EnumMember,
  call: CompletionItemKind.Function,
  capability: CompletionItemKind.Constant,
} as const;

function toItem({ word, kind, about }: Proposal): CompletionItem {
  return { label: word, kind: KINDS[kind], ...(about === undefined ? {} : { detail: about }) };
}
