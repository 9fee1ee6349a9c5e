import type { EngineName } from '../../engine/context.js';
import type { Strip, StripSpan } from '../core/strips.js';
import { Glyph } from '../parts/glyph.js';
import { useAsked } from '../state/asked.js';
import { askAtLength } from '../state/client.js';
import { words } from '../state/place.js';
import { world } from '../state/world.js';

/** What every release of every engine answers to a call, the runtime and the rest as they are. */
export function Strips({ call }: { readonly call: string }) {
  return (
    <section class="part">
      <h3>Over the releases</h3>
      <p class="quiet">Each engine’s own default profile, with this runtime, libseccomp and kernel.</p>
      <dl class="strips">
        {world.value?.engines.map((engine) => (
          <EngineStrip key={`${engine} ${call}`} engine={engine} call={call} />
        ))}
      </dl>
    </section>
  );
}

function EngineStrip({ engine, call }: { readonly engine: EngineName; readonly call: string }) {
  const asked = useAsked(() => askAtLength('strip', words.value, call, engine));
  const { reply } = asked.value;
  return (
    <div>
      <dt>{engine}</dt>
      <dd>{reply === undefined ? <div class="strip strip-waiting" /> : <Line strip={reply} />}</dd>
    </div>
  );
}

function Line({ strip }: { readonly strip: Strip }) {
  const { engine, spans, text } = strip;
  if (spans.length === 0)
    return <p class="quiet">{text === '' ? 'its own profile does not decide' : text}</p>;
  return (
    <>
      <div class="strip">
        {spans.map((span) => (
          <button
            key={span.from}
            type="button"
            data-kind={span.kind}
            style={{ flexGrow: span.count }}
            aria-label={`${engine} ${rangeOf(span)}: ${span.word}`}
            title={`${engine} ${rangeOf(span)}: ${span.word}`}
            onClick={() => {
              words.value = { ...words.value, engine, version: span.from };
            }}
          >
            <Glyph kind={span.kind} />
          </button>
        ))}
      </div>
      <p class="strip-text">{text.replace(/ \([\w-]+, same runtime and libseccomp\)$/, '')}</p>
    </>
  );
}

const rangeOf = ({ from, to }: StripSpan): string => (from === to ? from : `${from} to ${to}`);
