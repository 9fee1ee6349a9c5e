import type { Remedy } from '../../explain/explanation.js';
import { verdictWord } from '../../explain/verdict.js';
import { kindOf } from './verdictKind.js';
import type { VerdictKind } from './verdictKinds.js';

/** A way out as the page shows it. */
export interface RemedyView extends Pick<Remedy, 'kind' | 'title' | 'patch' | 'note' | 'opens'> {
  readonly verdict: VerdictKind;
  readonly word: string;
}

export function remedyView({ kind, title, verdict, opens, patch, note }: Remedy): RemedyView {
  return {
    kind,
    title,
    verdict: kindOf(verdict),
    word: verdictWord(verdict),
    opens,
    ...(patch === undefined ? {} : { patch }),
    ...(note === undefined ? {} : { note }),
  };
}
