import { changes, moved } from '../state/map.js';
import { call } from '../state/place.js';

const MOST = 12;

/** What the last move of a control changed. */
export function ChangeList() {
  const all = changes.value;
  return (
    <div class="changes" role="status">
      {all.length === 0 ? (
        <span class="quiet">
          {moved.value
            ? 'No call is answered otherwise than before.'
            : 'Move a control: the calls that it changes are marked and listed here.'}
        </span>
      ) : (
        <>
          <strong>
            {all.length} call{all.length === 1 ? '' : 's'} changed
          </strong>
          {all.slice(0, MOST).map(({ name, from, to }) => (
            <button
              key={name}
              type="button"
              class="change"
              onClick={() => {
                call.value = name;
              }}
            >
              <b>{name}</b> {from} → {to}
            </button>
          ))}
          {all.length > MOST && <span class="quiet">and {all.length - MOST} more</span>}
        </>
      )}
    </div>
  );
}
