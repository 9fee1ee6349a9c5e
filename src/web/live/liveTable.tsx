import { VerdictTag } from '../parts/verdictTag.js';
import { pasted, view } from '../state/place.js';
import type { LiveGroup } from './liveGroup.js';

const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
/** Rows beyond these are older than anybody reads. */
const MOST = 300;

export function LiveTable({ groups }: { readonly groups: readonly LiveGroup[] }) {
  const hasContainers = groups.some(({ container }) => container !== undefined);
  return (
    <div class="table-box">
      <table class="compare live">
        <thead>
          <tr>
            <th scope="col">Count</th>
            <th scope="col">Call</th>
            <th scope="col">Verdict</th>
            {hasContainers && <th scope="col">Container</th>}
            <th scope="col">Program</th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          {groups.slice(0, MOST).map((group) => (
            <Row key={group.key} group={group} hasContainers={hasContainers} />
          ))}
        </tbody>
      </table>
      {groups.length > MOST && <p class="quiet">and {groups.length - MOST} more groups</p>}
    </div>
  );
}

function Row({ group, hasContainers }: { readonly group: LiveGroup; readonly hasContainers: boolean }) {
  const { call, kind, word, rule, exe, container, count, kinds, lastTime } = group;
  const [first, ...rest] = kinds;
  return (
    <tr data-call={call}>
      <td class="live-count">{count}</td>
      <th scope="row">
        <button
          type="button"
          class="link-button call-link"
          title="Find the smallest repair"
          onClick={() => {
            pasted.value = call;
            view.value = 'fix';
          }}
        >
          {first?.text ?? call}
        </button>
        {rest.length > 0 && (
          <details>
            <summary>
              {rest.length} more kind{rest.length === 1 ? '' : 's'}
            </summary>
            <ul class="live-kinds">
              {rest.map((one) => (
                <li key={one.text}>
                  {one.count} × <code>{one.text}</code>
                </li>
              ))}
            </ul>
          </details>
        )}
        {rule !== undefined && <p class="quiet live-rule">{rule}</p>}
      </th>
      <td>
        <VerdictTag kind={kind} word={word} />
      </td>
      {hasContainers && <td>{container}</td>}
      <td>
        <code>{exe ?? 'unknown'}</code>
      </td>
      <td>
        <time dateTime={new Date(lastTime).toISOString()}>{TIME.format(lastTime)}</time>
      </td>
    </tr>
  );
}
