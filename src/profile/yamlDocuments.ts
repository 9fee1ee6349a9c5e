import { Composer, type CST, type Document, Lexer, type ParsedNode, Parser } from 'yaml';
import { fail, type Source } from './source.js';

/** How much YAML one text may hold. */
export interface YamlLimits {
  readonly documents: number;
  /** The yaml package takes up to 10 µs and 1 kB for each. */
  readonly lexemes: number;
}

/** Levels of brackets, and columns of indentation: the yaml package recurses, and nothing real needs a tenth of it. */
const MAX_NESTING = 200;

/**
 * The documents of a YAML text, with nodes that keep their places.
 *
 * @throws CallgateError `INPUT` at the first YAML error, for too many documents or tokens and for too deep nesting
 */
export function* yamlDocuments(source: Source, limits: YamlLimits): Generator<Document<ParsedNode>> {
  checkSize(source, limits.lexemes);
  const composer = new Composer<ParsedNode>({
    // The package compares each key with all others; ours are compared where they are read.
    uniqueKeys: false,
    intAsBigInt: true,
    logLevel: 'silent',
    prettyErrors: false,
    resolveKnownTags: false,
  });
  // The package collects errors, each with a stack, without end; the first one is enough. It catches what is thrown
  // while a tag is resolved, and reports that once more.
  let first: { readonly place: ErrorPlace; readonly message: string } | undefined;
  Object.assign(composer, {
    onError(place: ErrorPlace, _code: string, message: string, warning?: boolean) {
      if (warning) return;
      first ??= { place, message };
      failAt(source, first.place, first.message);
    },
  });
  let count = 0;
  for (const document of composer.compose(documentTokens(source))) {
    const error = document.errors[0];
    if (error !== undefined) failAt(source, error.pos, error.message);
    if (count++ === limits.documents) {
      fail(source, document.range[0], `more than ${limits.documents} YAML documents in one text`);
    }
    yield document;
  }
}

/** The parser's tokens, up to the first that is none. */
function* documentTokens(source: Source): Generator<CST.Token> {
  for (const token of new Parser().parse(source.text)) {
    if (token.type === 'error') failAt(source, token.offset, token.message);
    yield token;
  }
}

/** How the package gives a place: an offset, a start and an end, or a token. */
type ErrorPlace = number | readonly [number, number, number?] | { readonly offset: number };

function failAt(source: Source, place: ErrorPlace, message: string): never {
  const offset = typeof place === 'number' ? place : 'offset' in place ? place.offset : place[0];
  fail(source, Math.min(Math.max(offset, 0), source.text.length), `YAML: ${message}`);
}

/**
 * Counts lexemes and nesting. Flow collections nest by brackets, block collections by columns (indentation and the
 * indicators `-`, `?` and `:`) and by the keys in one line, of which the package makes mappings in mappings before it
 * says that this is not allowed.
 */
function checkSize(source: Source, most: number): void {
  let offset = 0;
  let depth = 0;
  let scalar = false;
  let lexemes = 0;
  /** Keys of block mappings in this line. */
  let keys = 0;
  /** Columns of indentation and indicators since the line began; undefined behind anything else. */
  let indent: number | undefined = 0;
  for (const lexeme of new Lexer().lex(source.text)) {
    if (++lexemes > most) {
      fail(source, offset, `the YAML text has more than ${most} tokens`, { hint: 'write it as JSON' });
    }
    // Marks that stand for no text: start of a document, end of a flow collection, "a scalar follows".
    if (lexeme === '\x02' || lexeme === '\x18' || lexeme === '\x1f') {
      scalar = lexeme === '\x1f';
      continue;
    }
    if (!scalar && (lexeme === '[' || lexeme === '{')) depth++;
    if (!scalar && (lexeme === ']' || lexeme === '}')) depth--;
    if (depth > MAX_NESTING) fail(source, offset, `nested deeper than ${MAX_NESTING} levels`);
    if (lexeme.endsWith('\n')) keys = 0;
    else if (!scalar && depth === 0 && lexeme === ':') keys++;
    if (keys > MAX_NESTING) fail(source, offset, `more than ${MAX_NESTING} keys in one line`);
    if (lexeme.endsWith('\n')) indent = 0;
    else if (indent !== undefined && !scalar && /^[ \t?:-]+$/.test(lexeme)) indent += lexeme.length;
    else indent = undefined;
    if (indent !== undefined && indent > MAX_NESTING) {
      fail(source, offset + lexeme.length - indent, `indented by more than ${MAX_NESTING} columns`);
    }
    scalar = false;
    offset += lexeme.length;
  }
}
