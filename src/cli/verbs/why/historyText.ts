import type { History } from '../../../explain/history.js';
import type { AbiName } from '../../../syscalls/abi.js';
import type { Io } from '../../io/io.js';
import { casesJson } from '../../output/json.js';
import { paint, wrap } from '../../output/paint.js';

export function historyJson({ text, spans }: History, abi: AbiName): object {
  return {
    text,
    spans: spans.map(({ cases, ...span }) => ({
      ...span,
      ...(cases === undefined ? {} : { cases: casesJson(cases, abi) }),
    })),
  };
}

/** A section for a person; nothing where there is no history. */
export function historyLines(history: History | undefined, io: Io): readonly string[] {
  if (history === undefined) return [];
  return ['', paint(io).bold('History'), `  ${wrap(history.text, io.columns, '  ')}`];
}
