import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';

/** A view whose code is fetched when it is first shown. */
export function lazyView(load: () => Promise<ComponentType>): ComponentType {
  let loaded: ComponentType | undefined;
  return function LazyView() {
    const view = useSignal<ComponentType | undefined>(loaded);
    useEffect(() => {
      if (loaded !== undefined) return;
      void load().then((component) => {
        loaded = component;
        // A signal's setter takes functions as they are.
        view.value = component;
      });
    }, [view]);
    const View = view.value;
    return View === undefined ? <p class="quiet pad">Loading …</p> : <View />;
  };
}
