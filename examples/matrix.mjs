// One call in many releases.
import { matrix, parseCall, resolveContext } from 'callgate';

const engines = ['docker@20.10.9', 'docker@20.10.10', 'podman@5.4.2', 'containerd@1.7.27'];
const contexts = await Promise.all(
  engines.map(async (engine) => (await resolveContext({ engine, arch: 'amd64' })).context),
);

for await (const rows of matrix(contexts, ({ arch }) => [parseCall('clone3', arch)]))
  for (const { context, verdict } of rows)
    console.log(context.engine.name, context.engine.version, verdict.errno ?? verdict.action);
