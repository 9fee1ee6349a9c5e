import type { CellVerdict } from '../core/map.js';

/** A verdict as it is read out: `denied with EPERM`. */
export function spoken({ kind, word }: Pick<CellVerdict, 'kind' | 'word'>): string {
  switch (kind) {
    case 'errno':
    case 'enosys':
      return `denied with ${word}`;
    case 'arguments':
      return 'decided by arguments';
    case 'none':
      return 'not known';
    case 'allowed':
    case 'killed':
    case 'handed':
      return word;
  }
}
