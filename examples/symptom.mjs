// Which call is behind an error message?
import { findSymptoms, resolveContext } from 'callgate';

const { context } = await resolveContext({ engine: 'docker@20.10.9', arch: 'amd64' });
const [first] = await findSymptoms("RuntimeError: can't start new thread", context.arch, context);

console.log(first.call, first.verdict.errno, first.source);
