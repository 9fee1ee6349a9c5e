import { type ReadonlySignal, type Signal, useComputed } from '@preact/signals';
import type { ContextView } from '../core/map.js';
import type { ContextWords } from '../core/words.js';
import { useAsked } from '../state/asked.js';
import { ask } from '../state/client.js';
import { Choice } from './choice.js';

interface Props {
  readonly target: Signal<ContextWords>;
  readonly context: ReadonlySignal<ContextView | undefined>;
  readonly id: string;
}

/** The engine's releases, the newest first. */
export function VersionChoice({ target, context, id }: Props) {
  const engine = useComputed(() => target.value.engine);
  const releases = useAsked(() => ask('releases', engine.value));
  const { version } = target.value;
  const newest =
    context.value?.engine === engine.value && version === '' ? `${context.value.version}, newest` : 'newest';
  const versions = releases.value.reply?.map((release) => release.version).toReversed() ?? [];
  return (
    <Choice
      label="Version"
      id={`${id}-version`}
      value={version}
      first={newest}
      options={versions}
      onChange={(chosen) => {
        target.value = { ...target.value, version: chosen };
      }}
    />
  );
}
