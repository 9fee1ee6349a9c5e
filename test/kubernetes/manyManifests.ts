/** Thirty manifests of the kinds that repositories hold, in one directory: name → text. */
export function manyManifests(): ReadonlyMap<string, string> {
  return new Map([
    ...KINDS.flatMap((kind) =>
      [0, 1, 2].map((variant) => [`${kind.toLowerCase()}-${variant}.yaml`, one(kind, variant)] as const),
    ),
    ['helm-output.yaml', helmOutput(3000)],
    ['list.json', listJson()],
    ['windows.yaml', `${one('Pod', 0).replace('spec:\n', 'spec:\n  os:\n    name: windows\n')}`],
    ['crds.yaml', CRD],
    ['operators.yaml', `${ROLLOUT}---\n${WORKFLOW}---\n${VOLCANO}`],
    ['no-pods.yaml', NO_PODS],
  ]);
}

const KINDS = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'Pod',
  'ReplicaSet',
  'PodTemplate',
] as const;

const CONTEXTS = [
  [],
  ['securityContext:', '  seccompProfile:', '    type: RuntimeDefault'],
  [
    'securityContext:',
    '  capabilities:',
    '    drop: [ALL]',
    '    add: [NET_BIND_SERVICE]',
    '  allowPrivilegeEscalation: false',
  ],
] as const;

function one(kind: (typeof KINDS)[number], variant: number): string {
  const container = [
    '- name: main # does the work',
    `  image: registry.example/${kind.toLowerCase()}:${variant}.0`,
    ...(CONTEXTS[variant] ?? []).map((line) => `  ${line}`),
  ];
  const init = variant === 2 ? ['initContainers:', '- name: setup', '  image: registry.example/setup:1'] : [];
  const pod = [...init, 'containers:', ...container];
  const by = (columns: number, lines: readonly string[]): readonly string[] =>
    lines.map((line) => ' '.repeat(columns) + line);
  const template = ['metadata:', '  labels:', `    app: ${kind.toLowerCase()}`, 'spec:', ...by(2, pod)];
  const head = ['# kept by hand', `kind: ${kind}`, 'metadata:', `  name: ${kind.toLowerCase()}-${variant}`];
  const version = kind.endsWith('Job') ? 'batch/v1' : kind.startsWith('Pod') ? 'v1' : 'apps/v1';
  const body = (): readonly string[] => {
    switch (kind) {
      case 'Pod':
        return ['spec:', ...by(2, pod)];
      case 'PodTemplate':
        return ['template:', ...by(2, template)];
      case 'CronJob':
        return [
          'spec:',
          '  schedule: "1 2 * * *"',
          '  jobTemplate:',
          '    spec:',
          '      template:',
          ...by(8, template),
        ];
      case 'Deployment':
      case 'StatefulSet':
      case 'DaemonSet':
      case 'Job':
      case 'ReplicaSet':
        return ['spec:', '  template:', ...by(4, template)];
    }
  };
  return `${[`apiVersion: ${version}`, ...head, ...body()].join('\n')}\n`;
}

/** What helm template prints of a large chart. */
function helmOutput(lines: number): string {
  const out: string[] = [];
  for (let index = 0; out.length < lines; index++) {
    const kind = KINDS[index % 3] ?? 'Deployment';
    out.push(
      '---',
      `# Source: platform/templates/part-${index}.yaml`,
      ...one(kind, index % 3)
        .trimEnd()
        .split('\n'),
    );
    out.push('---', `# Source: platform/templates/config-${index}.yaml`, 'apiVersion: v1', 'kind: ConfigMap');
    out.push('metadata:', `  name: config-${index}`, 'data:', '  settings.yaml: |');
    for (let line = 0; line < 30; line++) out.push(`    option_${line}: {{ not: a template here }}`);
  }
  return `${out.join('\n')}\n`;
}

function listJson(): string {
  const pod = (name: string): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'shop',
      annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default' },
    },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'registry.example/listed:1',
          securityContext: { privileged: name === 'root' },
        },
      ],
    },
  });
  const items = [pod('plain'), pod('root'), { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' } }];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2);
}

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.example.com
spec:
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        properties:
          spec:
            properties:
              containers:
                type: array
                items: {type: object}
`;
const ROLLOUT = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: canary}
spec:
  template:
    spec:
      containers:
      - {name: main, image: "registry.example/canary:1"}
`;
const WORKFLOW = `apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: steps}
spec:
  templates:
  - name: hello
    container: {image: "registry.example/hello:1"}
# containers stand elsewhere
`;
const VOLCANO = `apiVersion: batch.example.com/v1
kind: GangJob
metadata: {name: training}
spec:
  tasks:
  - name: worker
    template:
      spec:
        runtimeClassName: kata-fc
        containers:
        - {name: main, image: "registry.example/worker:1"}
`;
const NO_PODS = `apiVersion: v1
kind: Service
metadata: {name: s}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i}
---
just: some
values: [1, 2]
`;
