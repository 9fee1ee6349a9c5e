import { Timeline } from '../controls/timeline.js';
import { ContextSentence } from '../parts/contextSentence.js';
import { FailureNote } from '../parts/failureNote.js';
import { cells, context, failure, notes } from '../state/map.js';
import { ChangeList } from './changeList.js';
import { Grid } from './grid.js';
import { Legend } from './legend.js';

export function MapView() {
  return (
    <>
      <Timeline />
      {context.value !== undefined && <ContextSentence context={context.value} />}
      {failure.value !== undefined && <FailureNote failure={failure.value} />}
      <Notes />
      <Legend />
      <ChangeList />
      {cells.value.length > 0 ? <Grid /> : failure.value === undefined && <Waiting />}
    </>
  );
}

function Notes() {
  const all = notes.value;
  if (all.length === 0) return null;
  return (
    <details class="notes">
      <summary>
        {all.length} note{all.length === 1 ? '' : 's'}
      </summary>
      <ul>
        {all.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </details>
  );
}

/** The place of the cells, so that nothing moves when they come. */
function Waiting() {
  return <div class="waiting" role="status" aria-label="Loading" />;
}
