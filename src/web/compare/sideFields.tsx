import type { ReadonlySignal, Signal } from '@preact/signals';
import { CapabilitySwitches } from '../controls/capabilitySwitches.js';
import { ContextFields } from '../controls/contextFields.js';
import { ProfileField } from '../controls/profileField.js';
import type { ContextView } from '../core/map.js';
import type { ContextWords } from '../core/words.js';

interface Props {
  readonly title: string;
  readonly target: Signal<ContextWords>;
  readonly context: ReadonlySignal<ContextView | undefined>;
  readonly id: string;
}

/** One of the two contexts. */
export function SideFields({ title, target, context, id }: Props) {
  return (
    <section class="side" aria-label={title}>
      <h2>{title}</h2>
      <ContextFields target={target} context={context} id={id} />
      <details>
        <summary>Capabilities and profile</summary>
        <ProfileField target={target} id={id} />
        <CapabilitySwitches target={target} context={context} />
      </details>
    </section>
  );
}
