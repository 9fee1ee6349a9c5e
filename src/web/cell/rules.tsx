import type { RuleText } from '../core/ruleText.js';

/** The rules that name the call, as the profile's text has them. */
export function Rules({ rules }: { readonly rules: readonly RuleText[] }) {
  return (
    <section class="part">
      <h3>In the profile</h3>
      {rules.length === 0 && <p class="quiet">No rule names it.</p>}
      {rules.map(({ rule, fate, why, lines }) => (
        <figure key={rule} class="rule">
          <figcaption>
            <code>syscalls[{rule}]</code> {fate}
            {why !== undefined && `: ${why}`}
          </figcaption>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>
            {lines.map(({ number, text, marked }, index) => (
              <span key={number ?? `fold ${index}`} class={number === undefined ? 'line fold' : 'line'}>
                <span class="line-number">{number ?? ''}</span>
                {marked ? <mark>{text}</mark> : <span>{text}</span>}
                {'\n'}
              </span>
            ))}
          </pre>
        </figure>
      ))}
    </section>
  );
}
