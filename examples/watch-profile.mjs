// A profile whose denials an agent hears of; every answer stays as it was, which is proved.
import { predict, resolveContext, watchProfile } from 'callgate';

const { context } = await resolveContext({ engine: 'docker@28.5.2', arch: 'amd64' });
const { text, watched, silent } = await watchProfile(await predict(context), '/run/callgate/watch.sock');

console.log(watched.length, 'calls are heard of,', silent.map(({ syscall }) => syscall).join(' '), 'are not');
console.log(JSON.parse(text).listenerPath);
