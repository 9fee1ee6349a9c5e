import { fromMask } from '../../linux/capabilities.js';
import type { Ability } from '../../linux/doctor/abilities.js';
import { type Diagnosis, diagnose } from '../../linux/doctor/doctor.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { jsonText, SCHEMA_VERSION } from '../output/json.js';
import { paint, wrap } from '../output/paint.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly format: 'human' | 'json';
}

export const doctorVerb: Verb = {
  name: 'doctor',
  define: (command, io, exit) => {
    addFormat(command, ['human', 'json'])
      .description('Examine this host: its kernel, engines and runtimes, and what callgate can do here.')
      .addHelpText(
        'after',
        `
Exit: 0 when all that callgate does works here, 1 when something does not.

Examples:
  callgate doctor
  sudo callgate doctor --format json
`,
      )
      .action(async (flags: Flags) => exit(await run(flags, io)));
  },
};

async function run({ format }: Flags, io: Io): Promise<number> {
  const diagnosis = await diagnose({ ...io.env });
  io.out(format === 'json' ? jsonText(toJson(diagnosis)) : toText(diagnosis, io));
  return diagnosis.abilities.every(({ works }) => works) ? 0 : 1;
}

function toJson({ host, options, abilities, ...rest }: Diagnosis): object {
  const { self, ...kernel } = host;
  return {
    schemaVersion: SCHEMA_VERSION,
    works: abilities.every(({ works }) => works),
    abilities,
    kernel: { ...kernel, filterFlags: kernel.filterFlags ?? null, options: options ?? null },
    process: {
      ...self,
      filters: self.filters ?? null,
      capabilities: Object.fromEntries(
        Object.entries(self.capabilities).map(([name, mask]) => [name, fromMask(mask)]),
      ),
    },
    ...rest,
  };
}

type Row = readonly [string, string];

function toText(diagnosis: Diagnosis, io: Io): string {
  const colours = paint(io);
  const sections: readonly (readonly [string, readonly Row[]])[] = [
    ['Kernel', kernelRows(diagnosis)],
    ['Restrictions', restrictionRows(diagnosis)],
    ['Runtimes', runtimeRows(diagnosis)],
    ['Engines', engineRows(diagnosis)],
  ];
  const lines = [
    colours.bold('callgate can here'),
    ...diagnosis.abilities.flatMap((each) => abilityLines(each, io)),
  ];
  for (const [title, rows] of sections) {
    lines.push('', colours.bold(title));
    for (const [name, text] of rows)
      lines.push(`  ${colours.cyan(name.padEnd(WIDTH))}${wrap(text, io.columns, INDENT)}`);
  }
  const { findings } = diagnosis;
  lines.push('', colours.bold('Profiles here'));
  if (findings.length === 0) lines.push(`  ${colours.green('✓')} kernel and runtimes support seccomp`);
  else lines.push(...findings.map((text) => `  ${colours.red('✗')} ${wrap(text, io.columns, '    ')}`));
  return `${lines.join('\n')}\n`;
}

const WIDTH = 16;
const INDENT = ' '.repeat(WIDTH + 2);

function abilityLines({ name, purpose, works, detail, hint }: Ability, io: Io): readonly string[] {
  const colours = paint(io);
  const sign = works ? colours.green('✓') : colours.red('✗');
  const head = `  ${sign} ${name.padEnd(WIDTH - 2)}${wrap(`${purpose}: ${detail}`, io.columns, INDENT)}`;
  return hint === undefined ? [head] : [head, `${INDENT}${colours.dim(wrap(hint, io.columns, INDENT))}`];
}

function kernelRows({ host, options, audit, security }: Diagnosis): readonly Row[] {
  const { self } = host;
  const unlogged = host.actions.filter(
    (action) => action !== 'allow' && !host.actionsLogged.includes(action),
  );
  const modes = [
    'no filter',
    'strict mode',
    `${self.filters ?? 'some'} filter${self.filters === 1 ? '' : 's'}`,
  ];
  return [
    ['release', `${host.kernel} ${host.machine}`],
    [
      'seccomp',
      host.seccomp ? `filters; actions ${host.actions.join(' ')}` : 'none (CONFIG_SECCOMP_FILTER is missing)',
    ],
    ['flags', host.filterFlags?.join(' ') ?? 'not asked: the native addon does not load'],
    [
      'logged',
      unlogged.length === 0
        ? 'every action but allow, where the filter or its runtime asks for it'
        : `not ${unlogged.join(' ')}`,
    ],
    ['audit', auditWords(audit, options)],
    [
      'options',
      options === undefined ? 'not known: no /proc/config.gz and no /boot/config' : optionWords(options),
    ],
    [
      'modules',
      security.active?.join(' ') ??
        `securityfs is not mounted${options?.CONFIG_LSM === undefined ? '' : `; built to start ${options.CONFIG_LSM.replaceAll('"', '').replaceAll(',', ' ')}`}`,
    ],
    [
      'callgate',
      `${modes[self.seccompMode] ?? `mode ${self.seccompMode}`} on itself, no_new_privs ${self.noNewPrivileges ? 'set' : 'not set'}`,
    ],
  ];
}

function auditWords({ commandLine, daemon }: Diagnosis['audit'], options: Diagnosis['options']): string {
  const built =
    options !== undefined && options.CONFIG_AUDITSYSCALL === undefined ? 'not in this kernel' : undefined;
  const asked = commandLine === undefined ? '' : `audit=${commandLine}; `;
  return built ?? `${asked}${daemon ? 'auditd runs' : 'no auditd: records go to the kernel’s log'}`;
}

function optionWords(options: NonNullable<Diagnosis['options']>): string {
  return Object.entries(options)
    .filter(([name]) => name !== 'CONFIG_LSM')
    .map(([name, value]) => `${name.replace(/^CONFIG_/, '')}=${value ?? 'n'}`)
    .join(' ');
}

function restrictionRows({ sysctls, security, userNamespace }: Diagnosis): readonly Row[] {
  const { dockerDefault, selinux } = security;
  const groups = new Map<string, string[]>();
  if (userNamespace !== undefined)
    groups.set('namespaces', [`a user namespace can${userNamespace ? '' : 'not'} be made here;`]);
  for (const [name, value] of Object.entries(sysctls)) {
    const group = GROUPS.find(([, pattern]) => pattern.test(name))?.[0] ?? 'others';
    groups.set(group, [...(groups.get(group) ?? []), `${name}=${value}`]);
  }
  return [
    ...[...groups].map(([group, words]): Row => [group, words.join(' ')]),
    ...(groups.has('ptrace')
      ? []
      : [['ptrace', 'no Yama: same user and capabilities, or CAP_SYS_PTRACE'] as const]),
    ...(dockerDefault === undefined
      ? []
      : [['AppArmor', `docker-default is ${dockerDefault ? '' : 'not '}loaded`] as const]),
    ...(selinux === undefined ? [] : [['SELinux', selinux] as const]),
  ];
}

const GROUPS: readonly (readonly [string, RegExp])[] = [
  ['namespaces', /userns|user_namespaces/],
  ['ptrace', /yama/],
];

function runtimeRows({ runtimes }: Diagnosis): readonly Row[] {
  if (runtimes.length === 0) return [['none', 'neither runc nor crun nor youki']];
  return runtimes.map(({ name, version, seccomp, libseccomp, features, path }) => {
    const built =
      seccomp === false ? 'without seccomp' : seccomp === true ? 'with seccomp' : 'seccomp not known';
    const library =
      libseccomp === undefined ? '' : `, libseccomp ${libseccomp.version} (${libseccomp.linkage})`;
    const flags =
      features === undefined
        ? ''
        : `, ${features.actions.length} actions, flags ${features.supportedFlags.join(' ') || features.knownFlags.join(' ') || 'none'}`;
    return [name, `${version ?? 'version not known'} ${built}${library}${flags}, ${path}`];
  });
}

function engineRows({ engines }: Diagnosis): readonly Row[] {
  if (engines.length === 0) return [['none', 'no container engine']];
  return engines.map(({ name, version, daemon, runtime, profile }) => [
    name,
    [
      version ?? 'version not known',
      ...(daemon === undefined ? [] : [daemon === 'running' ? 'daemon runs' : `daemon: ${daemon}`]),
      ...(runtime === undefined ? [] : [`starts ${runtime}`]),
      ...(profile === undefined ? [] : [`profile ${profile}`]),
    ].join(', '),
  ]);
}
