import { type Signal, useSignal } from '@preact/signals';
import type { ContextWords, WrittenProfile } from '../core/words.js';
import { view } from '../state/place.js';

interface Props {
  readonly target: Signal<ContextWords>;
  readonly id: string;
}

/** A profile of one's own: chosen, dropped or pasted. It stays in the page. */
export function ProfileField({ target, id }: Props) {
  const over = useSignal(false);
  const { profile } = target.value;
  const take = (given: WrittenProfile): void => {
    target.value = { ...target.value, profile: given };
  };
  const read = async (file: File | undefined): Promise<void> => {
    if (file !== undefined) take({ name: file.name, text: await file.text() });
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    over.value = false;
    void read(event.dataTransfer?.files[0]);
  };
  const paste = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (text.trim() === '') return;
    event.preventDefault();
    take({ name: 'pasted.json', text });
  };
  return (
    <section
      class={`profile-field ${over.value ? 'over' : ''}`}
      aria-label="Profile"
      onDrop={drop}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => {
        over.value = false;
      }}
    >
      <h2>Profile</h2>
      {profile === undefined ? (
        <>
          <p class="quiet">The engine’s own. To try yours, choose it, drop it here, or paste it:</p>
          <div class="profile-entry">
            <label class="button file-button">
              Choose …
              <input
                type="file"
                id={`${id}-profile`}
                accept=".json,.yaml,.yml"
                onChange={({ currentTarget }) => void read(currentTarget.files?.[0])}
              />
            </label>
            <textarea rows={1} placeholder="Paste here" aria-label="Paste a profile" onPaste={paste} />
          </div>
        </>
      ) : (
        <div class="profile-given">
          <span class="profile-name" title={profile.name}>
            {profile.name}
          </span>
          <button
            type="button"
            class="link-button"
            onClick={() => {
              view.value = 'profile';
            }}
          >
            Edit
          </button>
          <button type="button" class="link-button" onClick={() => removeProfile(target)}>
            Remove
          </button>
        </div>
      )}
    </section>
  );
}

function removeProfile(target: Signal<ContextWords>): void {
  const { profile: _, ...rest } = target.value;
  target.value = rest;
}
