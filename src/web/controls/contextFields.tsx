import type { ReadonlySignal, Signal } from '@preact/signals';
import type { EngineName } from '../../engine/context.js';
import type { ContextView } from '../core/map.js';
import type { ContextWords } from '../core/words.js';
import { world } from '../state/world.js';
import { Choice } from './choice.js';
import { runtimeWordFor } from './runtimeWord.js';
import { VersionChoice } from './versionChoice.js';

interface Props {
  readonly target: Signal<ContextWords>;
  /** What the words come to, once it is known. */
  readonly context: ReadonlySignal<ContextView | undefined>;
  /** Keeps the labels of two sets apart. */
  readonly id: string;
}

/** Engine, runtime, libseccomp, kernel and architecture, each with what the release brings as its first choice. */
export function ContextFields({ target, context, id }: Props) {
  const now = target.value;
  const known = world.value;
  const there = context.value;
  const change = (part: Partial<ContextWords>): void => {
    target.value = { ...target.value, ...part };
  };
  const [runtime = '', runtimeVersion = ''] = now.runtime.split('@');
  const chosen = runtime === '' ? there?.runtime : runtime;
  const versions =
    chosen === 'runc' || chosen === 'crun' || chosen === 'youki' ? (known?.runtimes[chosen] ?? []) : [];
  const bundled = (value: string | undefined): string =>
    value === undefined ? 'bundled' : `${value}, bundled`;
  return (
    <div class="fields">
      <Choice
        label="Engine"
        id={`${id}-engine`}
        value={now.engine}
        options={known?.engines ?? [now.engine]}
        onChange={(engine) => change({ engine: engine as EngineName, version: '' })}
      />
      <VersionChoice target={target} context={context} id={id} />
      <Choice
        label="Runtime"
        id={`${id}-runtime`}
        value={runtime}
        first={runtime === '' ? bundled(there?.runtime) : 'as bundled'}
        options={['runc', 'crun', 'youki']}
        onChange={(name) => change({ runtime: name })}
      />
      <Choice
        label="Its version"
        id={`${id}-runtime-version`}
        value={runtimeVersion}
        first={runtimeVersion === '' ? bundled(there?.runtimeVersion) : 'as bundled'}
        options={versions}
        onChange={(version) => change({ runtime: runtimeWordFor(chosen ?? 'runc', runtime, version) })}
      />
      <Choice
        label="libseccomp"
        id={`${id}-libseccomp`}
        value={now.libseccomp}
        first={now.libseccomp === '' ? bundled(there?.libseccomp) : 'as bundled'}
        options={known?.libseccomp ?? []}
        onChange={(libseccomp) => change({ libseccomp })}
      />
      <Choice
        label="Kernel"
        id={`${id}-kernel`}
        value={now.kernel}
        first={`${known?.kernels[0] ?? ''}, newest`}
        options={known?.kernels.slice(1) ?? []}
        onChange={(kernel) => change({ kernel })}
      />
      <Choice
        label="Architecture"
        id={`${id}-arch`}
        value={now.arch}
        options={known?.arches ?? [now.arch]}
        onChange={(arch) => change({ arch })}
      />
      <fieldset class="switches">
        <legend class="unseen">Options of docker run</legend>
        <label class="check">
          <input
            type="checkbox"
            checked={now.privileged}
            onChange={({ currentTarget }) => change({ privileged: currentTarget.checked })}
          />
          --privileged
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={now.unconfined}
            onChange={({ currentTarget }) => change({ unconfined: currentTarget.checked })}
          />
          seccomp=unconfined
        </label>
      </fieldset>
    </div>
  );
}
