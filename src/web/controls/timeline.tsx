import { useComputed } from '@preact/signals';
import { Icon } from '../parts/icon.js';
import { context } from '../state/map.js';
import { words } from '../state/place.js';
import { marks, releases } from '../state/world.js';

/** The engine's releases as a line: marks stand where something changes for this context. */
export function Timeline() {
  const versions = useComputed(() => releases.value.map(({ version }) => version));
  const all = releases.value;
  // A word that is no release of the list can stand for one (`28`), or for none.
  const said = words.value.version;
  const version = versions.value.includes(said) ? said : (context.value?.version ?? said);
  const at = versions.value.indexOf(version);
  const date = all[at]?.date ?? '';
  const go = (index: number): void => {
    const chosen = versions.value[index];
    if (chosen === undefined) return;
    performance.mark('callgate-slider-moved');
    words.value = { ...words.value, version: chosen };
  };
  const places = (marks.value ?? []).flatMap((mark) => {
    const index = versions.value.indexOf(mark.version);
    return index < 0 ? [] : [{ ...mark, index }];
  });
  const before = places.findLast(({ index }) => index < at);
  const after = places.find(({ index }) => index > at);
  const last = Math.max(1, all.length - 1);
  const years = yearsOf(all.map(({ date }) => date));
  return (
    <section class="timeline" aria-label="Releases">
      <div class="timeline-head">
        <p class="release">
          <span class="release-engine">{words.value.engine}</span> <strong>{version}</strong>{' '}
          <time>{date}</time>
        </p>
        <p class="quiet timeline-about" aria-live="polite">
          {aboutMark(
            places.find(({ index }) => index === at),
            all.length,
            marks.value?.length,
          )}
        </p>
        <div class="steps">
          <StepButton to={before} go={go} icon="back" label="Change before" />
          <StepButton to={after} go={go} icon="on" label="Next change" />
        </div>
      </div>
      <div class="track">
        <input
          type="range"
          min={0}
          max={last}
          step={1}
          value={Math.max(0, at)}
          aria-label={`Version of ${words.value.engine}`}
          aria-valuetext={[version, date].filter((part) => part !== '').join(', ')}
          onInput={({ currentTarget }) => go(Number(currentTarget.value))}
        />
        <svg class="marks" aria-hidden="true" preserveAspectRatio="none" viewBox={`0 0 ${last} 20`}>
          {places.map(({ index, changed, fails, version: name }) => (
            <line
              key={name}
              class={fails ? 'mark mark-fails' : 'mark'}
              x1={index}
              x2={index}
              y1={20}
              y2={20 - Math.min(18, 5 + 4 * Math.log2(1 + changed))}
            />
          ))}
        </svg>
        <div class="years" aria-hidden="true">
          {years.map(({ year, index }) => (
            <span key={year} style={{ left: `${(100 * index) / last}%` }}>
              {year}
            </span>
          ))}
        </div>
      </div>
    </section>
  );
}

interface MarkAt {
  readonly version: string;
  readonly changed: number;
  readonly fails: boolean;
  readonly index: number;
}

function aboutMark(mark: MarkAt | undefined, releases: number, marks: number | undefined): string {
  if (marks === undefined) return `going through ${releases} releases …`;
  if (mark === undefined) return `${releases} releases; something changes at ${marks} of them`;
  if (mark.fails) return 'from here on no container starts';
  return `${mark.changed} call${mark.changed === 1 ? '' : 's'} answered otherwise than by the release before`;
}

interface StepProps {
  readonly to: MarkAt | undefined;
  readonly go: (index: number) => void;
  readonly icon: 'back' | 'on';
  readonly label: string;
}

function StepButton({ to, go, icon, label }: StepProps) {
  const title = to === undefined ? label : `${label}: ${to.version}, ${to.changed} calls`;
  return (
    <button
      type="button"
      class="icon-button"
      disabled={to === undefined}
      aria-label={title}
      title={title}
      onClick={() => to !== undefined && go(to.index)}
    >
      <Icon name={icon} />
    </button>
  );
}

/** Where a year begins on the line: releases of old branches stand between younger ones, so only a newest year counts. */
function yearsOf(dates: readonly string[]): readonly { readonly year: string; readonly index: number }[] {
  const found: { year: string; index: number }[] = [];
  const room = dates.length / 14;
  for (const [index, date] of dates.entries()) {
    const year = date.slice(0, 4);
    const last = found.at(-1);
    if (last !== undefined && (year <= last.year || index - last.index < room)) continue;
    found.push({ year, index });
  }
  return found;
}
