import { createColors } from 'picocolors';
import type { Verdict } from '../../explain/verdict.js';
import { verdictWord } from '../../explain/verdict.js';
import type { Io } from '../io/io.js';

export type Paint = ReturnType<typeof createColors>;

export function paint(io: Pick<Io, 'colour'>): Paint {
  return createColors(io.colour);
}

/** A verdict's word with a sign before it, so that colour is never the only difference. */
export function verdictSign(verdict: Verdict, colours: Paint): string {
  const word = verdictWord(verdict);
  switch (verdict.action) {
    case 'SCMP_ACT_ALLOW':
    case 'SCMP_ACT_LOG':
      return colours.green(`✓ ${word}`);
    case 'BY_ARGUMENTS':
    case 'SCMP_ACT_NOTIFY':
    case 'SCMP_ACT_TRACE':
      return colours.yellow(`? ${word}`);
    case 'SCMP_ACT_ERRNO':
    case 'SCMP_ACT_TRAP':
    case 'SCMP_ACT_KILL_THREAD':
    case 'SCMP_ACT_KILL_PROCESS':
      return colours.red(`✗ ${word}`);
  }
}

/** Text broken at spaces so that it fits, every further line indented. */
export function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > Math.max(20, width - indent.length)) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${indent}`);
}
