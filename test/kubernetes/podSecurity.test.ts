import { describe, expect, it } from 'vitest';
import { podSecurity } from '../../src/kubernetes/podSecurity.js';
import { workloads } from './cluster.js';

interface Row {
  readonly what: string;
  /** Merged into a pod that meets the level restricted. */
  readonly spec?: object;
  readonly container?: object;
  readonly context?: object;
  readonly pod?: object;
  readonly annotations?: object;
  readonly version?: string;
  readonly level: string;
  /** Names of the checks that say no, in any order. */
  readonly checks?: readonly string[];
}

const SECCOMP = { seccompProfile: { type: 'RuntimeDefault' } };

function judge({ spec, container, context, pod, annotations, version = '1.36' }: Row) {
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', annotations },
    spec: {
      securityContext: { runAsNonRoot: true, ...SECCOMP, ...pod },
      containers: [
        {
          name: 'a',
          image: 'i',
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, ...context },
          ...container,
        },
      ],
      ...spec,
    },
  });
  const [workload] = workloads(text);
  if (workload === undefined) throw new Error('no pod');
  return podSecurity(workload, version);
}

const volume = (source: object): object => ({ spec: { volumes: [{ name: 'v', ...source }] } });
const BARE = {
  spec: { securityContext: {} },
  context: { allowPrivilegeEscalation: undefined, capabilities: undefined },
};

const ROWS: readonly Row[] = [
  { what: 'all that restricted asks for', level: 'restricted' },
  {
    what: 'nothing',
    ...BARE,
    level: 'baseline',
    checks: [
      'capabilities_restricted',
      'allowPrivilegeEscalation',
      'seccompProfile_restricted',
      'runAsNonRoot',
    ],
  },
  {
    what: 'nothing, before there was capabilities_restricted and seccompProfile',
    ...BARE,
    version: '1.18',
    level: 'baseline',
    checks: ['allowPrivilegeEscalation', 'runAsNonRoot'],
  },
  { what: 'privileged', context: { privileged: true }, level: 'privileged', checks: ['privileged'] },
  { what: 'a host namespace', spec: { hostPID: true }, level: 'privileged', checks: ['hostNamespaces'] },
  {
    what: 'a host port',
    container: { ports: [{ hostPort: 80 }] },
    level: 'privileged',
    checks: ['hostPorts'],
  },
  { what: 'hostPort 0', container: { ports: [{ hostPort: 0 }] }, level: 'restricted' },
  {
    what: 'a hostPath',
    ...volume({ hostPath: { path: '/' } }),
    level: 'privileged',
    checks: ['hostPathVolumes'],
  },
  { what: 'nfs', ...volume({ nfs: {} }), level: 'baseline', checks: ['restrictedVolumes'] },
  { what: 'a configMap', ...volume({ configMap: {} }), level: 'restricted' },
  {
    what: 'NET_ADMIN',
    context: { capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } },
    level: 'privileged',
    checks: ['capabilities_baseline'],
  },
  {
    what: 'CHOWN',
    context: { capabilities: { drop: ['ALL'], add: ['CHOWN'] } },
    level: 'baseline',
    checks: ['capabilities_restricted'],
  },
  {
    what: 'NET_BIND_SERVICE',
    context: { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } },
    level: 'restricted',
  },
  { what: 'a safe sysctl', pod: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }] }, level: 'restricted' },
  {
    what: 'the same before it was safe',
    pod: { sysctls: [{ name: 'net.ipv4.tcp_rmem' }] },
    version: '1.31',
    level: 'privileged',
    checks: ['sysctls'],
  },
  {
    what: 'container_engine_t',
    pod: { seLinuxOptions: { type: 'container_engine_t' } },
    level: 'restricted',
  },
  {
    what: 'the same in 1.30',
    pod: { seLinuxOptions: { type: 'container_engine_t' } },
    version: '1.30',
    level: 'privileged',
    checks: ['seLinuxOptions'],
  },
  {
    what: 'an SELinux user',
    pod: { seLinuxOptions: { user: 'u' } },
    level: 'privileged',
    checks: ['seLinuxOptions'],
  },
  {
    what: 'AppArmor off',
    context: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      appArmorProfile: { type: 'Unconfined' },
    },
    level: 'privileged',
    checks: ['appArmorProfile'],
  },
  {
    what: 'AppArmor off by annotation',
    annotations: { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' },
    level: 'privileged',
    checks: ['appArmorProfile'],
  },
  {
    what: 'procMount',
    context: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, procMount: 'Unmasked' },
    level: 'privileged',
    checks: ['procMount'],
  },
  {
    what: 'procMount in a user namespace',
    spec: { hostUsers: false },
    context: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, procMount: 'Unmasked' },
    level: 'baseline',
    checks: ['procMount'],
  },
  {
    what: 'root in a user namespace',
    spec: { hostUsers: false },
    pod: { runAsNonRoot: false },
    level: 'restricted',
  },
  {
    what: 'the same in 1.34',
    spec: { hostUsers: false },
    pod: { runAsNonRoot: false },
    version: '1.34',
    level: 'baseline',
    checks: ['runAsNonRoot'],
  },
  { what: 'user 0', pod: { runAsUser: 0 }, level: 'baseline', checks: ['runAsUser'] },
  {
    what: 'a probe of another host',
    container: { livenessProbe: { httpGet: { host: '10.0.0.1' } } },
    level: 'privileged',
    checks: ['hostProbesAndHostLifecycle'],
  },
  {
    what: 'the same in 1.33',
    container: { livenessProbe: { httpGet: { host: '10.0.0.1' } } },
    version: '1.33',
    level: 'restricted',
  },
  {
    what: 'Unconfined',
    pod: { seccompProfile: { type: 'Unconfined' } },
    level: 'privileged',
    checks: ['seccompProfile_baseline', 'seccompProfile_restricted'],
  },
  {
    what: 'unconfined by annotation in 1.18',
    annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' },
    version: '1.18',
    level: 'privileged',
    checks: ['seccompProfile_baseline'],
  },
  {
    what: 'Windows',
    spec: { os: { name: 'windows' }, securityContext: { runAsNonRoot: true } },
    context: {},
    level: 'restricted',
  },
  {
    what: 'a host process',
    spec: { os: { name: 'windows' } },
    pod: { windowsOptions: { hostProcess: true } },
    level: 'privileged',
    checks: ['windowsHostProcess'],
  },
  {
    what: 'an init container that says nothing',
    spec: { initContainers: [{ name: 'i', image: 'i' }] },
    level: 'baseline',
    checks: ['capabilities_restricted', 'allowPrivilegeEscalation'],
  },
  {
    what: 'an ephemeral container that is privileged',
    spec: {
      ephemeralContainers: [
        {
          name: 'e',
          image: 'i',
          securityContext: {
            privileged: true,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    },
    level: 'privileged',
    checks: ['privileged'],
  },
];

describe('podSecurity', () => {
  it.each(ROWS)('$what in $version: $level', (row) => {
    const { level, findings } = judge(row);
    expect({ level, checks: findings.map(({ check }) => check).sort() }).toEqual({
      level: row.level,
      checks: [...(row.checks ?? [])].sort(),
    });
  });
});
