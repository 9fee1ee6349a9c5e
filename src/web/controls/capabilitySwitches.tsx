import type { ReadonlySignal, Signal } from '@preact/signals';
import type { ContextView } from '../core/map.js';
import type { ContextWords } from '../core/words.js';
import { world } from '../state/world.js';

interface Props {
  readonly target: Signal<ContextWords>;
  readonly context: ReadonlySignal<ContextView | undefined>;
}

/** A switch for each capability, as the container has it: --cap-add and --cap-drop. */
export function CapabilitySwitches({ target, context }: Props) {
  const { capAdd, capDrop } = target.value;
  const has = new Set(context.value?.capabilities);
  const own = new Set(context.value?.ownCapabilities);
  const set = (name: string, on: boolean): void => {
    const without = (list: readonly string[]): readonly string[] => list.filter((other) => other !== name);
    target.value = {
      ...target.value,
      capAdd:
        on && (!own.has(name) || capDrop.includes('ALL')) ? [...without(capAdd), name] : without(capAdd),
      capDrop:
        !on && (own.has(name) || capAdd.includes('ALL')) ? [...without(capDrop), name] : without(capDrop),
    };
  };
  const changed = capAdd.length + capDrop.length;
  return (
    <fieldset class="capabilities">
      <legend>
        Capabilities <span class="count">{has.size}</span>
      </legend>
      {changed > 0 && (
        <button
          type="button"
          class="link-button"
          onClick={() => {
            target.value = { ...target.value, capAdd: [], capDrop: [] };
          }}
        >
          Back to the default
        </button>
      )}
      <div class="capability-grid">
        {world.value?.capabilities.map(({ name, purpose }) => {
          const on = has.has(name);
          return (
            <label
              key={name}
              class={`capability ${on === own.has(name) ? '' : 'differs'}`}
              title={`${name}: ${purpose}`}
            >
              <input
                type="checkbox"
                role="switch"
                aria-checked={on}
                checked={on}
                onChange={() => set(name, !on)}
              />
              {name.slice('CAP_'.length).toLowerCase()}
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}
