// A release's profile with a preset and a call more, and all that it opens.
import {
  allowRules,
  extend,
  findPreset,
  formatCall,
  parseCall,
  predict,
  resolveContext,
  rulesOf,
} from 'callgate';

const { context } = await resolveContext({ engine: 'docker@28.5.2', arch: 'amd64' });
const allow = [...rulesOf(findPreset('numa'), context.arch), ...allowRules(['userfaultfd'], context.arch)];
const { text, exact, widening } = await extend(await predict(context), { allow, deny: [] });

console.log(exact, text.length > 1000);
const own = widening.calls.filter(({ abi }) => abi === context.arch);
console.log(own.map(({ syscall, abi }) => formatCall(parseCall(syscall, abi), abi)).join(' '));
