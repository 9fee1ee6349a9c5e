import { COST_EDGES } from '../core/costEdges.js';
import type { Costs } from '../core/costs.js';

const ROWS = [
  { key: 'compiled', title: 'This program' },
  { key: 'linear', title: 'One after the other, as libseccomp' },
  { key: 'bound', title: 'The optimum' },
] as const;

const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });

/** How many instructions calls execute, in this program and in two others of the same meaning. */
export function CostChart({ costs }: { readonly costs: Costs }) {
  const shown = COST_EDGES.map((_, index) => index).concat(COST_EDGES.length);
  const used = shown.filter((index) => ROWS.some(({ key }) => (costs[key].shares[index] ?? 0) > 0));
  return (
    <section class="costs" aria-labelledby="costs-title">
      <h3 id="costs-title">Instructions executed per call</h3>
      <p class="quiet">
        Calls as often as recorded programs make them, arguments 0. The optimum is Huffman’s code over the
        filter’s ranges: what a tree with one leaf for each range reaches at best.
      </p>
      <div class="table-box">
        <table class="cost-table">
          <thead>
            <tr>
              <th scope="col">Instructions</th>
              {ROWS.map(({ key, title }) => (
                <th key={key} scope="col">
                  {title}
                  <small>
                    mean {costs[key].mean.toFixed(1)}, most {costs[key].most}
                  </small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {used.map((index) => (
              <tr key={index}>
                <th scope="row">{edgeText(index)}</th>
                {ROWS.map(({ key }) => {
                  const share = costs[key].shares[index] ?? 0;
                  return (
                    <td key={key} data-row={key}>
                      <span
                        class="cost-bar"
                        style={{ width: `${Math.max(share > 0 ? 0.5 : 0, 70 * share)}%` }}
                      />
                      <span class="cost-share">{share === 0 ? '' : PERCENT.format(share)}</span>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function edgeText(index: number): string {
  const from = (COST_EDGES[index - 1] ?? 0) + 1;
  const to = COST_EDGES[index];
  return to === undefined ? `${from} and more` : `${from} to ${to}`;
}
