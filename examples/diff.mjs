// What changed between two releases, with a call that shows each difference.
import { diffPolicies, predict, resolveContext } from 'callgate';

const policyOf = async (engine) => {
  const { context } = await resolveContext({ engine, runtime: 'runc@1.1.12', arch: 'amd64' });
  return (await predict(context)).policy;
};
const { changes } = diffPolicies(await policyOf('docker@24.0.9'), await policyOf('docker@25.0.0'), 'x86_64');

for (const { abi, syscall, from, to } of changes)
  console.log(
    abi,
    syscall,
    from.verdict.errno ?? from.verdict.action,
    '→',
    to.verdict.errno ?? to.verdict.action,
  );
