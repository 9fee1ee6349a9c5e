import type { VerdictKind } from '../core/verdictKinds.js';
import { Glyph } from './glyph.js';

export function VerdictTag({ kind, word }: { readonly kind: VerdictKind; readonly word: string }) {
  return (
    <span class="tag" data-kind={kind}>
      <Glyph kind={kind} />
      {word}
    </span>
  );
}
