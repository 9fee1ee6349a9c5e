import type { AgentEvent, NodeAgent } from '../../../linux/agent/nodeAgent.js';
import { jsonLine, SCHEMA_VERSION } from '../../output/json.js';
import { recordJson } from '../decode/json.js';
import { containerJson, denialJson } from '../watch/output.js';

/** An object a line, for the cluster's log pipeline. */
export function agentLines(write: (line: string) => void) {
  const line = (event: string, value: object): void =>
    write(jsonLine({ schemaVersion: SCHEMA_VERSION, event, time: new Date().toISOString(), ...value }));
  const event = (told: AgentEvent): void => {
    switch (told.kind) {
      case 'denial':
        return line('denial', denialJson(told.denial));
      case 'container': {
        const { kind, container, profile, unlisted } = told.event;
        return line(kind, {
          container: containerJson(container),
          profile: profile ?? null,
          ...(kind === 'ended' ? { unlisted } : {}),
        });
      }
      case 'record':
        return line('audit', {
          container: told.cgroup.container ?? null,
          podUid: told.cgroup.podUid ?? null,
          record: JSON.parse(recordJson(told.record)) as object,
        });
      case 'installation': {
        for (const { kind, path } of told.installation.changes) line('profile', { change: kind, path });
        return;
      }
      case 'problem':
      case 'suppressed': {
        const { kind, ...value } = told;
        return line(kind, value);
      }
    }
  };
  return {
    event,
    listening: ({ socketPath, http }: NodeAgent): void =>
      line('listening', { listenerPath: socketPath, http: `${bracketed(http.host)}:${http.port}` }),
    summary: ({ answered, vanished, listeners }: ReturnType<NodeAgent['counts']>): void =>
      line('summary', { answered: Number(answered), vanished: Number(vanished), listeners }),
  };
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
