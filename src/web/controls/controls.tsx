import { context } from '../state/map.js';
import { words } from '../state/place.js';
import { CapabilitySwitches } from './capabilitySwitches.js';
import { ContextFields } from './contextFields.js';
import { ProfileField } from './profileField.js';

/** The context, with the words of docker run. */
export function Controls() {
  return (
    <aside class="controls" aria-label="Context">
      <details open={matchMedia('(min-width: 60rem)').matches}>
        <summary>Context</summary>
        <ContextFields target={words} context={context} id="own" />
        <ProfileField target={words} id="own" />
        <CapabilitySwitches target={words} context={context} />
      </details>
    </aside>
  );
}
