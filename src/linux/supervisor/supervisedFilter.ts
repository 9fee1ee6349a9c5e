import { OP, type Program } from '../../bpf/instruction.js';
import { fromReturnValue, RET } from '../../policy/action.js';

/**
 * The same program with every constant ERRNO return made USER_NOTIF, so that the supervisor hears of each denied call
 * and answers it with the errno that the original program gives. Everything else stays in the kernel:
 *
 * - allowed calls, execve among them: the supervisor can only deny (it never answers CONTINUE), and a process that
 *   outlives it keeps all that it may do;
 * - KILL and TRAP, whose effects (the core dump, si_code SYS_SECCOMP) no supervisor can produce; they show in the exit
 *   status and in the kernel's log;
 * - TRACE, which a tracer inside may be meant to answer, and LOG;
 * - `ret a`, an errno computed at run time, which compilers of filters do not emit: it is enforced but not reported.
 */
export function supervisedFilter(program: Program): Program {
  return program.map((instruction) =>
    instruction.code === OP.ret && fromReturnValue(instruction.k).kind === 'errno'
      ? { ...instruction, k: RET.notify }
      : instruction,
  );
}
