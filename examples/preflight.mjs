// Will a container start with this profile, and what does it lack?
import { lacking, preflight, readProfile, resolveContext, startsAll } from 'callgate';

const text =
  '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["write"], "action": "SCMP_ACT_ALLOW"}]}';
const { context } = await resolveContext({
  profile: readProfile(text, 'profile.json'),
  engine: 'docker@28.5.2',
  arch: 'amd64',
});
const report = await preflight(context, false);

console.log(startsAll(report), lacking(report).includes('execve'));
