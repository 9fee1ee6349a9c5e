// The core runs in a browser: a bundler takes this file as it is, and nothing of Node is in the bundle.
import { parseCall, resolveContext, why } from 'callgate';

export async function answer(engine, call) {
  const { context } = await resolveContext({ engine, arch: 'amd64' });
  const { verdict } = await why(parseCall(call, context.arch), context);
  return verdict.errno ?? verdict.action;
}
