import type { Reason } from '../../explain/explanation.js';

/** The chain from the profile to the program, one stage after the other. */
export function Reasons({ reasons }: { readonly reasons: readonly Reason[] }) {
  return (
    <section class="part">
      <h3>Why</h3>
      <ol class="chain">
        {reasons.map(({ stage, text, source }) => (
          <li key={`${stage}${text}`}>
            <span class="stage" data-stage={stage}>
              {stage}
            </span>
            <p>
              {text}
              {source !== undefined && <small>{source}</small>}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
