import { dirname } from 'node:path';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { documentKind } from '../../editor/documentKind.js';
import { errorView, type FindingView, findingView } from '../../editor/finding.js';
import { suiteFindings } from '../../editor/suiteFindings.js';
import { CallgateError } from '../../error.js';
import { lint } from '../../lint/lint.js';
import { readConfig } from '../context/config.js';
import type { ContextFlags } from '../context/contextFlags.js';
import { findConfig } from '../context/findConfig.js';
import { openProfile, type ProfileFile } from '../context/profileFile.js';
import type { Io } from '../io/io.js';

/** What was found in one version of a document. */
export interface Checked {
  readonly version: number;
  readonly findings: readonly FindingView[];
  /** The profile, where it can be read. */
  readonly profile?: ProfileFile;
}

/** Longer texts, in UTF-16 units, are written by programs, and an editor would wait for them. */
const MOST = 1_000_000;

/** Looks at a document as `lint`, `test` and the configuration's reader would. */
export async function check(document: TextDocument, path: string, io: Io): Promise<Checked> {
  const text = document.getText();
  const { version } = document;
  const kind = documentKind(path, text);
  if (kind === undefined) return { version, findings: [] };
  if (text.length > MOST) return { version, findings: [tooLong(text)] };
  try {
    switch (kind) {
      case 'suite':
        return { version, findings: suiteFindings(text, path) };
      case 'config':
        readConfig(path, holding(path, text, io));
        return { version, findings: [] };
      case 'profile': {
        const profile = await openProfile(path, contextOf(path, io), holding(path, text, io));
        return { version, findings: (await lint(profile)).map(findingView), profile };
      }
    }
  } catch (error) {
    if (!(error instanceof CallgateError)) throw error;
    return { version, findings: [errorView(error)] };
  }
}

/** The container that the project's configuration names; a configuration that is wrong says so in its own document. */
function contextOf(path: string, io: Io): ContextFlags {
  const config = findConfig(dirname(path));
  if (config === undefined) return {};
  try {
    const { profile: _, ...flags } = readConfig(config, io).context ?? {};
    return flags;
  } catch (error) {
    if (error instanceof CallgateError) return {};
    throw error;
  }
}

/** The editor's text stands for the file's; standard input is the editor's own. */
function holding(path: string, text: string, io: Io): Io {
  const read = (name: string): Uint8Array => {
    if (name === path) return Buffer.from(text);
    if (name === '-') throw new CallgateError('INPUT', 'a language server has no standard input to read');
    return io.read(name);
  };
  return { ...io, read };
}

function tooLong(text: string): FindingView {
  return {
    rule: 'too-long',
    level: 'note',
    text: `${text.length} characters: more than is looked at while it is edited`,
    line: 1,
    column: 1,
    hint: 'callgate lint reads it',
  };
}
