// Why is a call denied in one container, and what opens least?
import { parseCall, resolveContext, why } from 'callgate';

const { context } = await resolveContext({ engine: 'docker@20.10.9', arch: 'amd64' });
const { verdict, reasons, remedies } = await why(parseCall('clone3', context.arch), context);

console.log(verdict.errno);
for (const { stage, text } of reasons) console.log(`${stage}: ${text}`);
for (const { title, opens } of remedies) console.log(`${title} (opens ${opens.count})`);
