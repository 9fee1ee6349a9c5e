// What is wrong in a profile, with its place.
import { lint, readProfile, resolveContext } from 'callgate';

const text = `{
  "defaultAction": "SCMP_ACT_ALLOW",
  "syscalls": [{ "names": ["mount"], "action": "SCMP_ACT_ERRNO" }]
}`;
const profile = readProfile(text, 'profile.json');
const { context } = await resolveContext({ profile, arch: 'amd64' });

for (const { rule, at, text: said } of await lint({ profile, text, context }))
  console.log(`${at ? `${at.line}:${at.column}` : profile.source} ${rule}: ${said}`);
