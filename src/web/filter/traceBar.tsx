import type { Signal } from '@preact/signals';
import type { TraceReply } from '../core/trace.js';
import { FailureNote } from '../parts/failureNote.js';
import { Icon } from '../parts/icon.js';
import { VerdictTag } from '../parts/verdictTag.js';
import type { AskedFor } from '../state/asked.js';

interface Props {
  readonly traced: Signal<string>;
  readonly step: Signal<number>;
  readonly trace: AskedFor<TraceReply>;
}

/** Which call is followed, and where it is. */
export function TraceBar({ traced, step, trace: { reply, failure } }: Props) {
  const last = (reply?.steps.length ?? 1) - 1;
  const here = reply?.steps[Math.min(step.value, last)];
  const go = (to: number): void => {
    step.value = to;
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const field = event.currentTarget;
    if (!(field instanceof HTMLFormElement)) return;
    traced.value = String(new FormData(field).get('call'));
  };
  return (
    <section class="trace" aria-label="Trace of a call">
      <form class="trace-form" onSubmit={submit}>
        <label for="traced">Trace</label>
        <input
          id="traced"
          name="call"
          key={traced.value}
          defaultValue={traced.value}
          spellcheck={false}
          autocomplete="off"
        />
        <button type="submit" class="button">
          Follow
        </button>
      </form>
      {failure !== undefined && <FailureNote failure={failure} />}
      {reply !== undefined && (
        <div class="trace-steps">
          <StepButton
            label="Back to the start"
            icon="back"
            disabled={step.value === 0}
            go={() => go(0)}
            double
          />
          <StepButton
            label="Step back"
            icon="back"
            disabled={step.value === 0}
            go={() => go(step.value - 1)}
          />
          <StepButton label="Step" icon="on" disabled={step.value >= last} go={() => go(step.value + 1)} />
          <StepButton label="To the end" icon="on" disabled={step.value >= last} go={() => go(last)} double />
          <span class="trace-now" role="status">
            step {Math.min(step.value, last) + 1} of {last + 1}
            {here !== undefined && step.value < last && (
              <>
                {' · '}instruction {here.at}, A = 0x{here.accumulator.toString(16)}
                {here.holds !== undefined && (here.holds ? ', holds' : ', does not hold')}
              </>
            )}
          </span>
          {step.value >= last && <VerdictTag kind={reply.kind} word={reply.word} />}
        </div>
      )}
    </section>
  );
}

interface StepProps {
  readonly label: string;
  readonly icon: 'back' | 'on';
  readonly disabled: boolean;
  readonly go: () => void;
  readonly double?: boolean;
}

function StepButton({ label, icon, disabled, go, double = false }: StepProps) {
  return (
    <button
      type="button"
      class={`icon-button ${double ? 'double' : ''}`}
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={go}
    >
      <Icon name={icon} />
      {double && <Icon name={icon} />}
    </button>
  );
}
