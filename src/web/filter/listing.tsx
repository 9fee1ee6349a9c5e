import { useEffect, useRef } from 'preact/hooks';
import type { ListingLine } from '../core/filter.js';

interface Props {
  readonly lines: readonly ListingLine[];
  readonly passed: ReadonlySet<number>;
  /** The instruction that the trace is at. */
  readonly at: number | undefined;
}

/** The program, an instruction a line, with what it means. */
export function Listing({ lines, passed, at }: Props) {
  const box = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const line = at === undefined ? undefined : box.current?.children[at];
    if (!(line instanceof HTMLElement) || box.current === null) return;
    // Only the box is scrolled, not the page.
    box.current.scrollTop = line.offsetTop - box.current.clientHeight / 2;
  }, [at]);
  return (
    <section class="listing-part" aria-label="Listing">
      <h3>Listing</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <ol class="listing" ref={box} tabIndex={0} start={0}>
        {lines.map(({ label, text, remark }, index) => (
          <li
            key={index}
            class={index === at ? 'passed current' : passed.has(index) ? 'passed' : ''}
            aria-current={index === at ? 'step' : undefined}
          >
            <span class="listing-label">{label === '' ? index : label}</span>
            <span class="listing-text">{text}</span>
            <span class="listing-remark">{remark}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
