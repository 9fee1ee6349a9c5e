// What a release, or a profile, denies.
import { predict, resolveContext, summarize, usable, verdictWord } from 'callgate';

const { context } = await resolveContext({ engine: 'docker@28.5.2', arch: 'amd64' });
const { policy } = usable(await predict(context));

for (const { syscall, verdict } of summarize(policy, [context.arch]))
  if (verdict.action !== 'SCMP_ACT_ALLOW') console.log(syscall, verdictWord(verdict));
