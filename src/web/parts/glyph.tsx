import type { VerdictKind } from '../core/verdictKinds.js';

/** A sign for each kind of verdict, so that colour is never the only difference. */
const SIGNS: Readonly<Record<VerdictKind, string>> = {
  allowed: 'M2.2 6.4 4.8 9l5-6',
  arguments: 'M6 1.6a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8ZM6 1.6v8.8A4.4 4.4 0 0 0 6 1.6Z',
  errno: 'M2.6 2.6l6.8 6.8M9.4 2.6 2.6 9.4',
  enosys: 'M6 1.6a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8ZM3 9l6-6',
  killed: 'M4 1.4h4L10.6 4v4L8 10.6H4L1.4 8V4Z',
  handed: 'M1.8 6h7.6M6.6 3l3 3-3 3',
  none: 'M2.4 6h7.2',
};

export function Glyph({ kind }: { readonly kind: VerdictKind }) {
  return (
    <svg class={`glyph glyph-${kind}`} viewBox="0 0 12 12" aria-hidden="true">
      <path d={SIGNS[kind]} />
    </svg>
  );
}
