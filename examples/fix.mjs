// Every way out for one denied call, with all that it opens.
import { fix, parseCall, predict, resolveContext } from 'callgate';

const { context } = await resolveContext({ engine: 'docker@28.5.2', arch: 'amd64' });
const prediction = await predict(context);
const { remedies } = await fix(prediction, [parseCall('personality(0x40000)', context.arch)]);

for (const { title, opens, patch } of remedies) console.log(`${title}: opens ${opens.count}`, patch ?? '');
