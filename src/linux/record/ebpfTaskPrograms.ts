import { ebpfAssembler } from './ebpfAssembler.js';
import { type EbpfParameters, FRAME, SCRATCH } from './ebpfLayout.js';
import { asNumber, byteOf, currentTask, placeOf, putTask, read, registersOn } from './ebpfTasks.js';

/** A process of the command has a child, which has not run yet: it belongs to the command too. */
export function forkProgram(parameters: EbpfParameters): Uint8Array {
  const { tasks, processes, entered, offsets } = parameters;
  const asm = ebpfAssembler();
  asm.load('double', 6, 1, 8); // child
  currentTask(asm, parameters);
  asm.jumpIf('equal', 1, 0, 'end');
  const member = (offset: number, bytes: 4 | 8): void => {
    asm.moveRegister(9, 6);
    asm.add(9, offset);
    asm.storeValue('double', FRAME, SCRATCH, 0);
    read(asm, SCRATCH, 9, bytes);
    asm.load('double', 9, FRAME, SCRATCH);
  };
  const mark = (map: number, id: number): void => {
    member(id, 4);
    byteOf(asm, 2, map, 9);
    asm.storeValue('byte', 2, 0, 1);
  };
  mark(processes, offsets.tgid);
  // Its first event is the exit of the call that made it.
  if (entered !== undefined) mark(entered, offsets.pid);
  member(offsets.stack, 8);
  registersOn(asm, tasks, 9);
  putTask(asm, tasks, 9, 'put');
  asm.label('end');
  asm.end();
  return asm.finish();
}

/**
 * Stack and id of a task that is gone may be another's soon. Of threads that exit at once, each may find no other alive.
 */
export function exitProgram(parameters: EbpfParameters): Uint8Array {
  const { tasks, offsets } = parameters;
  const asm = ebpfAssembler();
  currentTask(asm, parameters);
  asm.moveRegister(6, 2);
  asm.moveRegister(8, 1);
  asm.load('double', 9, 7, offsets.stack);
  asNumber(asm, 9);
  registersOn(asm, tasks, 9);
  placeOf(asm, tasks, 9);
  asm.jumpUnlessSame(1, 9, 'left');
  asm.storeValue('double', 2, 0, 0);
  asm.label('left');
  asm.jumpIf('equal', 8, 0, 'end');
  asm.load('double', 1, 7, offsets.signal);
  asm.load('word', 1, 1, offsets.live);
  asm.jumpIf('unequal', 1, 0, 'end');
  asm.storeValue('byte', 6, 0, 0);
  asm.label('end');
  asm.end();
  return asm.finish();
}
