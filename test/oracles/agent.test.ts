import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { importImage, ownNodeTree } from './agent/image.js';
import { judgeAgent, lacksDocker } from './agent/judge.js';
import { IN_OWN_CGROUP_TREE, lacksForContainers } from './containers.js';
import { dockerdLacks, startImageDaemon } from './dockerd.js';
import { makeCallers } from './watch/callers.js';

/** Milliseconds; an engine on a machine with other work takes its time. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const BASE = 'callgate-base';

// Daemons before 23.0 drop listenerPath, so the containers are runc's own; the lab has newer daemons.
judgeAgent(
  lacksForContainers() ?? dockerdLacks() ?? lacksDocker(),
  'the agent’s image in the installed Docker daemon, without root',
  'nobody',
  async () => {
    const daemon = await startImageDaemon(IN_OWN_CGROUP_TREE);
    const tree = mkdtempSync(join(tmpdir(), 'callgate-base-'));
    await importImage(daemon, ownNodeTree(tree), BASE);
    rmSync(tree, { recursive: true });
    const callers = await makeCallers();
    return {
      daemon,
      base: BASE,
      watched: {
        ...callers,
        start: (calls, annotations = {}) => callers.start('runc', calls, { annotations, patience: 200_000 }),
      },
    };
  },
);
