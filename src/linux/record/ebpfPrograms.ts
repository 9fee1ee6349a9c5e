import type { TracepointProgram } from './ebpf.js';
import { callEntryProgram, callExitProgram } from './ebpfCallPrograms.js';
import type { EbpfParameters } from './ebpfLayout.js';
import { exitProgram, forkProgram } from './ebpfTaskPrograms.js';

/** The tracepoints' programs. */
export function ebpfPrograms(parameters: EbpfParameters): readonly TracepointProgram[] {
  const { entered, entryType } = parameters;
  const raw = (tracepoint: string, program: Uint8Array): TracepointProgram => ({
    tracepoint,
    program,
    typeId: undefined,
  });
  return [
    raw('sched_process_fork', forkProgram(parameters)),
    raw('sched_process_exit', exitProgram(parameters)),
    ...(entered === undefined ? [] : [raw('sys_exit', callExitProgram(parameters, entered))]),
    { tracepoint: 'sys_enter', program: callEntryProgram(parameters), typeId: entryType },
  ];
}
