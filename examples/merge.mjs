// The profile that allows what two profiles both allow.
import { merge, predict, proveWithin, readProfile, resolveContext } from 'callgate';

const rules = (...names) =>
  JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names, action: 'SCMP_ACT_ALLOW' }] });
const [a, b] = await Promise.all(
  [rules('read', 'write'), rules('write', 'mmap')].map(async (text, index) => {
    const profile = readProfile(text, `${index}.json`);
    return predict((await resolveContext({ profile, engine: 'docker@28.5.2', arch: 'amd64' })).context);
  }),
);
const { text, policy } = await merge('intersect', a, b);

console.log(JSON.parse(text).syscalls.flatMap(({ names }) => names));
console.log(proveWithin(policy, a.policy, 'x86_64').proved, proveWithin(policy, b.policy, 'x86_64').proved);
