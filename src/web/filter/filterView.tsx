import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ContextSentence } from '../parts/contextSentence.js';
import { FailureNote } from '../parts/failureNote.js';
import { useAsked } from '../state/asked.js';
import { askAtLength } from '../state/client.js';
import { context } from '../state/map.js';
import { call, words } from '../state/place.js';
import { CostChart } from './costChart.js';
import { Graph } from './graph.js';
import { Listing } from './listing.js';
import { TraceBar } from './traceBar.js';

const FIRST = 'clone(flags=CLONE_NEWUSER)';

/** The program that the kernel runs at every call: as a tree, as a listing, and what a call costs in it. */
export function FilterView() {
  const traced = useSignal(call.value === '' ? FIRST : call.value);
  const step = useSignal(0);
  const filter = useAsked(() => askAtLength('filter', words.value));
  const trace = useAsked(() => askAtLength('trace', words.value, traced.value));
  const { reply, failure } = filter.value;
  const way = trace.value.reply;
  useEffect(() => {
    step.value = (way?.steps.length ?? 1) - 1;
  }, [way, step]);
  if (failure !== undefined) return <FailureNote failure={failure} />;
  if (reply === undefined) return <p class="quiet pad">Compiling, and proving the result …</p>;
  const { listing, nodes, costs, bytes, worstExecuted, worstCall } = reply;
  const at = way?.steps[Math.min(step.value, (way?.steps.length ?? 1) - 1)]?.at;
  const passed = new Set(way?.steps.slice(0, step.value + 1).map((one) => one.at));
  return (
    <>
      {context.value !== undefined && <ContextSentence context={context.value} />}
      <p class="filter-facts">
        <strong>{listing.length}</strong> instructions, {bytes} bytes; a call executes{' '}
        <strong>{costs.compiled.mean.toFixed(1)}</strong> of them on average and {worstExecuted} at most (
        {worstCall}). Lifted again, the program was proved to be this context’s policy.
      </p>
      <TraceBar traced={traced} step={step} trace={trace.value} />
      <Graph nodes={nodes} passed={passed} at={at} way={way?.steps} />
      <div class="filter-frame">
        <Listing lines={listing} passed={passed} at={at} />
        <CostChart costs={costs} />
      </div>
    </>
  );
}
