import { stringify } from 'yaml';
import { behaves } from '../../engine/behaviours.js';
import type { Context } from '../../engine/context.js';
import type { Change } from './candidate.js';
import { shortName } from './capabilities.js';

/** Where a remedy is written down. */
export type FormName = 'docker-run' | 'compose' | 'daemon' | 'pod';

export const formNames: readonly FormName[] = ['docker-run', 'compose', 'daemon', 'pod'];

/**
 * A remedy as the words of one tool; undefined where the tool has none for it.
 *
 * @param file name of the profile's file, where the remedy is a profile
 */
export function formOf(form: FormName, change: Change, file: string, context: Context): string | undefined {
  switch (form) {
    case 'docker-run':
      return dockerRun(change, file);
    case 'compose': {
      const service = composeService(change, file);
      return service && stringify({ services: { app: service } });
    }
    case 'daemon': {
      const settings = daemonSettings(change, file, context);
      return settings && `${JSON.stringify(settings, null, 2)}\n`;
    }
    case 'pod':
      return podForm(change, file, context);
  }
}

function dockerRun(change: Change, file: string): string | undefined {
  switch (change.kind) {
    case 'profile':
      return `docker run --security-opt seccomp=${shellWord(file)} IMAGE\n`;
    case 'capabilities':
      return `docker run ${change.add.map((cap) => `--cap-add ${shortName(cap)}`).join(' ')} IMAGE\n`;
    case 'runtime':
      return `docker run --runtime ${change.name} IMAGE\n`;
    case 'unconfined':
      return 'docker run --security-opt seccomp=unconfined IMAGE\n';
    case 'libseccomp':
    case 'engine':
    case 'image':
      return undefined;
  }
}

function composeService(change: Change, file: string): object | undefined {
  switch (change.kind) {
    case 'profile':
      return { security_opt: [`seccomp=${file.includes('/') ? file : `./${file}`}`] };
    case 'capabilities':
      return { cap_add: change.add.map(shortName) };
    case 'runtime':
      return { runtime: change.name };
    case 'unconfined':
      return { security_opt: ['seccomp=unconfined'] };
    case 'libseccomp':
    case 'engine':
    case 'image':
      return undefined;
  }
}

function daemonSettings(change: Change, file: string, { engine }: Context): object | undefined {
  if (engine.name !== 'docker') return undefined;
  switch (change.kind) {
    case 'profile':
      if (!behaves('docker', engine.version, 'daemon-profile')) return undefined;
      return { 'seccomp-profile': file.startsWith('/') ? file : `/etc/docker/${baseName(file)}` };
    case 'unconfined':
      return behaves('docker', engine.version, 'daemon-builtin')
        ? { 'seccomp-profile': 'unconfined' }
        : undefined;
    case 'runtime':
      return { 'default-runtime': change.name };
    case 'capabilities':
    case 'libseccomp':
    case 'engine':
    case 'image':
      return undefined;
  }
}

function podForm(change: Change, file: string, { engine }: Context): string | undefined {
  const securityContext = podSecurityContext(change, file);
  if (securityContext === undefined) return undefined;
  const container = { name: 'app', image: 'IMAGE', securityContext };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app' }, spec: { containers: [container] } };
  return `${podNotes(change, engine.name)}${stringify(pod)}`;
}

function podSecurityContext(change: Change, file: string): object | undefined {
  switch (change.kind) {
    case 'profile':
      return { seccompProfile: { type: 'Localhost', localhostProfile: baseName(file) } };
    case 'capabilities':
      return { capabilities: { add: change.add.map(shortName) } };
    case 'unconfined':
      return { seccompProfile: { type: 'Unconfined' } };
    case 'runtime':
    case 'libseccomp':
    case 'engine':
    case 'image':
      return undefined;
  }
}

function podNotes(change: Change, engine: string): string {
  if (change.kind !== 'profile') return '';
  const place = '# The profile belongs into /var/lib/kubelet/seccomp of every node.\n';
  if (change.layout === 'oci' || engine === 'cri-o') return place;
  return `${place}# It is in Docker's layout, as CRI-O reads it; containerd reads linux.seccomp only: ask with --engine containerd.\n`;
}

const baseName = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
