// A statement over all 2³² numbers and all argument bits: proved, or one call that breaks it.
import { predict, proveNever, resolveContext } from 'callgate';

const { context } = await resolveContext({ engine: 'docker@28.5.2', arch: 'amd64' });
const { policy } = await predict(context);

console.log('bpf:', proveNever(policy, 'bpf', context.arch).proved);
const { proved, counterexample } = proveNever(policy, 'socket', context.arch);
console.log('socket:', proved, counterexample.args.map(Number));
