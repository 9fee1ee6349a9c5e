// From a release to the BPF program that its containers get, and one call through it.
import { compile, disassemble, encode, interpret, predict, resolveContext } from 'callgate';

const { context } = await resolveContext({ engine: 'docker@28.5.2', arch: 'amd64' });
const { policy } = await predict(context);
const AUDIT_ARCH_X86_64 = 0xc000003e;
const program = compile(policy, { nativeArch: AUDIT_ARCH_X86_64 });

console.log(program.length, 'instructions,', encode(program, 'little').length, 'bytes');
console.log(disassemble(program).split('\n')[0]);
const clone3 = { arch: AUDIT_ARCH_X86_64, nr: 435, args: [0n, 0n, 0n, 0n, 0n, 0n], instructionPointer: 0n };
console.log(interpret(program, clone3));
