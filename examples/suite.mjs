// Claims about calls, tried in several releases.
import { profileTargets, readSuite, runSuite, totals } from 'callgate';

const suite = `
contexts: {old: docker@20.10.9, new: docker@28.5.2}
tests:
  - name: threads
    calls: {clone3: {old: EPERM, new: ENOSYS}}
  - name: never
    never: [mount, bpf]
`;
const result = await runSuite(
  readSuite(suite, 'profile.test.yaml'),
  profileTargets(() => ''),
);

for (const { ok, claim, contextName } of result.results) console.log(ok ? '✓' : '✗', claim, contextName);
console.log(totals([result]));
