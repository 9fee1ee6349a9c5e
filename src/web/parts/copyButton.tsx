import { useSignal } from '@preact/signals';
import { Icon } from './icon.js';

interface Props {
  readonly label: string;
  readonly text: () => string;
  readonly quiet?: boolean;
}

/** Copies a text and says so for a while. */
export function CopyButton({ label, text, quiet = false }: Props) {
  const state = useSignal<'idle' | 'done' | 'refused'>('idle');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      state.value = 'done';
    } catch {
      // Pages that are not served securely have no clipboard.
      state.value = 'refused';
    }
    setTimeout(() => {
      state.value = 'idle';
    }, 1600);
  };
  const words = { idle: label, done: 'Copied', refused: 'Not permitted here' } as const;
  return (
    <button type="button" class={quiet ? 'button quiet-button' : 'button'} onClick={() => void copy()}>
      <Icon name={state.value === 'done' ? 'done' : 'copy'} />
      <span aria-live="polite">{words[state.value]}</span>
    </button>
  );
}
