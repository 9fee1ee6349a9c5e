import json from '../../data/kubernetes/pod-security.json' with { type: 'json' };
import type { Position } from '../error.js';
import { boolOf, elementsOf, field, textOf } from '../profile/fields.js';
import type { Node } from '../profile/node.js';
import type { Container } from './container.js';
import { atLeast, kubernetesFacts } from './facts.js';
import type { Workload } from './workload.js';

/** Something that a level forbids, or misses. */
export interface PodSecurityFinding {
  /** The level that the pod would need this for. */
  readonly level: 'baseline' | 'restricted';
  /** The check's name in Kubernetes' own admission plugin. */
  readonly check: string;
  readonly text: string;
  readonly at?: Position;
}

type Level = PodSecurityFinding['level'];
type Report = (level: Level, check: string, text: string, at?: Node | number) => void;

/** What the pod-security admission plugin of a release would say, check by check. */
export function podSecurityChecks(workload: Workload, version: string): readonly PodSecurityFinding[] {
  const found: PodSecurityFinding[] = [];
  const report: Report = (level, check, text, at) => {
    const offset = typeof at === 'number' ? at : at?.at;
    found.push({ level, check, text, ...(offset === undefined ? {} : { at: workload.place(offset) }) });
  };
  hostChecks(workload, report, version);
  volumeChecks(workload, report);
  sysctlChecks(workload, report, version);
  seLinuxChecks(workload, report, version);
  appArmorChecks(workload, report);
  for (const container of workload.pod.containers) containerChecks(workload, container, report, version);
  seccompChecks(workload, report, version);
  userChecks(workload, report, version);
  return found;
}

const known = (rows: readonly { name: string; since: string }[], version: string): ReadonlySet<string> =>
  new Set(rows.filter(({ since }) => atLeast(version, since)).map(({ name }) => name));

/** Since 1.25 the checks of Linux's own fields leave pods alone whose os.name is windows. */
const exempt = ({ pod }: Workload, version: string): boolean =>
  pod.osName === 'windows' && atLeast(version, json.since.windowsExempt);

/** Since 1.35 a user namespace stands for what runAsNonRoot and a masked /proc are for. */
const relaxed = ({ pod }: Workload, version: string): boolean =>
  pod.ownUsers && atLeast(version, json.since.userNamespaces);

const contexts = ({ pod }: Workload): readonly (readonly [string, Node | undefined])[] => [
  ['the pod', pod.securityContext],
  ...pod.containers.map(({ name, securityContext }) => [`container ${name}`, securityContext] as const),
];

function hostChecks(workload: Workload, report: Report, version: string): void {
  const { spec } = workload.pod;
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) {
    const value = field(spec, key);
    if (boolOf(value) === true) report('baseline', 'hostNamespaces', `${key} is true`, value);
  }
  for (const [who, context] of contexts(workload)) {
    const value = field(context, 'windowsOptions', 'hostProcess');
    if (boolOf(value) === true) report('baseline', 'windowsHostProcess', `${who} is a host process`, value);
  }
  for (const { name, node } of workload.pod.containers) {
    for (const port of elementsOf(field(node, 'ports'))) {
      const value = field(port, 'hostPort');
      const number = textOf(value);
      if (number !== undefined && number !== '0')
        report('baseline', 'hostPorts', `container ${name} has the hostPort ${number}`, value);
    }
    if (atLeast(version, json.since.hostProbes)) probeChecks(name, node, report);
  }
}

const HANDLERS = [
  ['livenessProbe'],
  ['readinessProbe'],
  ['startupProbe'],
  ['lifecycle', 'postStart'],
  ['lifecycle', 'preStop'],
] as const;

function probeChecks(name: string, container: Node, report: Report): void {
  for (const path of HANDLERS) {
    for (const kind of ['httpGet', 'tcpSocket']) {
      const host = field(container, ...path, kind, 'host');
      const text = textOf(host) ?? '';
      if (text !== '')
        report(
          'baseline',
          'hostProbesAndHostLifecycle',
          `container ${name}: ${path.join('.')} asks the host ${text}`,
          host,
        );
    }
  }
}

function volumeChecks({ pod }: Workload, report: Report): void {
  for (const volume of elementsOf(field(pod.spec, 'volumes'))) {
    const name = textOf(field(volume, 'name')) ?? '';
    const hostPath = field(volume, 'hostPath');
    if (hostPath !== undefined)
      report('baseline', 'hostPathVolumes', `volume ${name} is a hostPath`, hostPath);
    else if (!json.volumes.some((type) => field(volume, type) !== undefined) && hasSource(volume))
      report('restricted', 'restrictedVolumes', `volume ${name} is of a type that is not allowed`, volume);
  }
}

/** A volume that says nothing but its name is an emptyDir. */
function hasSource(volume: Node): boolean {
  if (volume.kind !== 'object') return false;
  for (const { key } of volume.members()) if (key !== 'name') return true;
  return false;
}

function sysctlChecks({ pod }: Workload, report: Report, version: string): void {
  const safe = known(json.sysctls, version);
  for (const sysctl of elementsOf(field(pod.securityContext, 'sysctls'))) {
    const name = textOf(field(sysctl, 'name')) ?? '';
    if (!safe.has(name)) report('baseline', 'sysctls', `the sysctl ${name} is not a safe one`, sysctl);
  }
}

function seLinuxChecks(workload: Workload, report: Report, version: string): void {
  const types = known(json.seLinuxTypes, version);
  for (const [who, context] of contexts(workload)) {
    const options = field(context, 'seLinuxOptions');
    const type = textOf(field(options, 'type')) ?? '';
    if (type !== '' && !types.has(type))
      report('baseline', 'seLinuxOptions', `${who} has the SELinux type ${type}`, options);
    for (const key of ['user', 'role'])
      if ((textOf(field(options, key)) ?? '') !== '')
        report('baseline', 'seLinuxOptions', `${who} sets the SELinux ${key}`, options);
  }
}

const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';

function appArmorChecks(workload: Workload, report: Report): void {
  for (const [who, context] of contexts(workload)) {
    const type = field(context, 'appArmorProfile', 'type');
    const text = textOf(type);
    if (text !== undefined && text !== 'RuntimeDefault' && text !== 'Localhost')
      report('baseline', 'appArmorProfile', `${who} has the AppArmor profile ${text}`, type);
  }
  for (const [key, { text, at }] of workload.pod.annotations) {
    if (
      !key.startsWith(APPARMOR) ||
      text === '' ||
      text === 'runtime/default' ||
      text.startsWith('localhost/')
    )
      continue;
    report('baseline', 'appArmorProfile', `the annotation for ${key.slice(APPARMOR.length)} is ${text}`, at);
  }
}

function containerChecks(workload: Workload, container: Container, report: Report, version: string): void {
  const { name, node, securityContext } = container;
  const at = securityContext ?? node;
  if (container.privileged) report('baseline', 'privileged', `container ${name} is privileged`, at);
  const procMount = field(securityContext, 'procMount');
  const mount = textOf(procMount) ?? 'Default';
  if (mount !== 'Default')
    report(
      relaxed(workload, version) ? 'restricted' : 'baseline',
      'procMount',
      `container ${name} has procMount ${mount}`,
      procMount,
    );
  const added = field(securityContext, 'capabilities', 'add') ?? at;
  const extra = container.capAdd.filter((cap) => !json.capabilities.baseline.includes(cap));
  if (extra.length > 0)
    report('baseline', 'capabilities_baseline', `container ${name} adds ${extra.join(', ')}`, added);
  if (exempt(workload, version)) return;
  if (atLeast(version, json.capabilities.restrictedSince)) {
    if (!container.capDrop.includes('ALL'))
      report('restricted', 'capabilities_restricted', `container ${name} does not drop ALL capabilities`, at);
    const more = container.capAdd.filter(
      (cap) => json.capabilities.baseline.includes(cap) && !json.capabilities.restricted.includes(cap),
    );
    if (more.length > 0)
      report('restricted', 'capabilities_restricted', `container ${name} adds ${more.join(', ')}`, added);
  }
  if (atLeast(version, json.since.allowPrivilegeEscalation) && container.allowPrivilegeEscalation !== false)
    report(
      'restricted',
      'allowPrivilegeEscalation',
      `container ${name} does not set allowPrivilegeEscalation to false`,
      at,
    );
}

const fine = (type: string | undefined): boolean => type === 'RuntimeDefault' || type === 'Localhost';

function seccompChecks(workload: Workload, report: Report, version: string): void {
  if (!atLeast(version, json.since.seccompProfile)) {
    annotationChecks(workload, report);
    return;
  }
  for (const [who, context] of contexts(workload)) {
    const profile = field(context, 'seccompProfile');
    const type = textOf(field(profile, 'type'));
    if (profile !== undefined && !fine(type))
      report(
        'baseline',
        'seccompProfile_baseline',
        `${who} sets seccompProfile to ${type ?? 'nothing'}`,
        profile,
      );
  }
  if (exempt(workload, version)) return;
  if (fine(textOf(field(workload.pod.securityContext, 'seccompProfile', 'type')))) return;
  for (const { name, node, securityContext } of workload.pod.containers)
    if (field(securityContext, 'seccompProfile') === undefined)
      report(
        'restricted',
        'seccompProfile_restricted',
        `neither the pod nor container ${name} sets seccompProfile to RuntimeDefault or Localhost`,
        securityContext ?? node,
      );
}

/** Before 1.19 there was nothing but annotations. */
function annotationChecks({ pod }: Workload, report: Report): void {
  const { annotations } = kubernetesFacts;
  for (const [key, { text, at }] of pod.annotations) {
    if (key !== annotations.pod && !key.startsWith(annotations.containerPrefix)) continue;
    if (text === 'runtime/default' || text === 'docker/default' || text.startsWith('localhost/')) continue;
    report('baseline', 'seccompProfile_baseline', `the annotation ${key} is ${text}`, at);
  }
}

function userChecks(workload: Workload, report: Report, version: string): void {
  if (relaxed(workload, version)) return;
  const { pod } = workload;
  const shared = boolOf(field(pod.securityContext, 'runAsNonRoot'));
  for (const { name, node, securityContext } of pod.containers) {
    const own = boolOf(field(securityContext, 'runAsNonRoot'));
    if ((own ?? shared) !== true)
      report(
        'restricted',
        'runAsNonRoot',
        own === false
          ? `container ${name} sets runAsNonRoot to false`
          : `neither the pod nor container ${name} sets runAsNonRoot to true`,
        securityContext ?? node,
      );
  }
  if (!atLeast(version, json.since.runAsUser)) return;
  for (const [who, context] of contexts(workload)) {
    const user = field(context, 'runAsUser');
    if (textOf(user) === '0') report('restricted', 'runAsUser', `${who} runs as user 0`, user);
  }
}
