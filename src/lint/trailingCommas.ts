import type { Document } from './document.js';
import type { Edit, Fix } from './edit.js';

/** A string or a comment, in which nothing is a comma; or a comma with nothing but blanks and comments before a bracket's end. */
const TOKEN = /"(?:[^"\\]|\\.)*"|\/\/[^\r\n]*|\/\*[^]*?\*\/|,(?=(?:\s|\/\/[^\r\n]*|\/\*[^]*?\*\/)*[\]}])/g;

/** Takes every trailing comma out of a JSON text. */
export function removeTrailingCommas({ text }: Document): Fix {
  const edits: Edit[] = [];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === ',') edits.push({ from: index, to: index + 1, text: '' });
  }
  return { title: 'remove the trailing commas', edits };
}
