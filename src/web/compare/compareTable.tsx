import type { CompareRow } from '../core/compare.js';
import { VerdictTag } from '../parts/verdictTag.js';
import { call, view } from '../state/place.js';

/** More rows than this are of no use to a reader, and slow. */
const MOST = 600;

export function CompareTable({ rows }: { readonly rows: readonly CompareRow[] }) {
  return (
    <div class="table-box">
      <table class="compare">
        <thead>
          <tr>
            <th scope="col">Call</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
            <th scope="col">For example</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST).map((row) => (
            <Row key={`${row.abi} ${row.name}`} row={row} />
          ))}
        </tbody>
      </table>
      {rows.length > MOST && <p class="quiet">and {rows.length - MOST} more</p>}
    </div>
  );
}

function Row({ row: { name, abi, left, right, example } }: { readonly row: CompareRow }) {
  return (
    <tr data-call={name}>
      <th scope="row">
        <button
          type="button"
          class="link-button call-link"
          onClick={() => {
            call.value = abi === 'x86_64' ? name : `${abi}:${name}`;
            view.value = 'map';
          }}
        >
          {name}
        </button>{' '}
        <small class="quiet">{abi}</small>
      </th>
      <td>
        <VerdictTag kind={left.kind} word={left.word} />
      </td>
      <td>
        <VerdictTag kind={right.kind} word={right.word} />
      </td>
      <td class="example">
        <code>{example.call}</code>{' '}
        <span class="quiet">
          {example.left} → {example.right}
        </span>
      </td>
    </tr>
  );
}
