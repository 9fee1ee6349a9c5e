import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CallgateError } from '../../error.js';
import { ask, type Environment } from '../host/command.js';

/** A running container's first process, as this host numbers it. */
export interface ContainerProcess {
  readonly pid: number;
  /** What knew it: `docker`, `podman`, `crictl`, or a state file's path. */
  readonly source: string;
}

/** One way to find a container, and what it said. */
type Finding =
  | { readonly kind: 'found'; readonly pid: number; readonly source: string }
  /** `command` is absent, or is there and does not know the container. */
  | { readonly kind: 'not'; readonly tried: string };

/**
 * The process of a container by its name or id, as the engines' own commands and the runtimes' state directories know
 * it: docker, podman, crictl, then runc and crun. The first that knows a running one counts.
 *
 * @param env for DOCKER_HOST and XDG_RUNTIME_DIR
 * @throws {CallgateError} HOST when none knows it, naming what was tried; USAGE for a name that no engine allows
 */
export async function containerPid(name: string, env: Environment = process.env): Promise<ContainerProcess> {
  // What docker, podman and runc let a container be called; no option of a command begins like this.
  if (!/^[A-Za-z0-9][\w.+-]{0,255}$/.test(name)) {
    throw new CallgateError('USAGE', `"${name}" is not a container's name or id`, {
      expected: 'letters, digits, _ . + -',
    });
  }
  const tried: string[] = [];
  for (const way of [byDocker, byPodman, byCrictl, byState]) {
    const finding = await way(name, env);
    if (finding.kind === 'found') return { pid: alive(finding, name), source: finding.source };
    tried.push(finding.tried);
  }
  throw new CallgateError('HOST', `no running container ${name} was found`, {
    hint: `tried ${tried.join('; ')}`,
  });
}

function alive({ pid, source }: Extract<Finding, { kind: 'found' }>, name: string): number {
  try {
    readFileSync(`/proc/${pid}/status`);
    return pid;
  } catch {
    throw new CallgateError('HOST', `${source} says that ${name} is process ${pid}, which is not here`, {
      hint: 'its containers may run on another machine, or in another pid namespace than callgate',
    });
  }
}

async function byDocker(name: string, env: Environment): Promise<Finding> {
  const host = env['DOCKER_HOST'];
  if (host !== undefined && !host.startsWith('unix://') && host !== '')
    return { kind: 'not', tried: `docker: DOCKER_HOST is ${host}, another machine` };
  return inspect('docker', ['inspect', '--type', 'container', '--format', '{{.State.Pid}}', name], name, env);
}

function byPodman(name: string, env: Environment): Promise<Finding> {
  return inspect('podman', ['inspect', '--type', 'container', '--format', '{{.State.Pid}}', name], name, env);
}

/** crictl inspects by id only; a pod's containers have names that repeat, so that it must be one alone. */
async function byCrictl(name: string, env: Environment): Promise<Finding> {
  const listed = await ask('crictl', ['ps', '--quiet', '--name', `^${name.replace(/[.+]/g, '\\$&')}$`], env);
  if (listed === undefined) return { kind: 'not', tried: 'crictl: not installed' };
  const ids = listed.ok ? listed.text.split('\n').filter((line) => line !== '') : [];
  if (ids.length > 1)
    return { kind: 'not', tried: `crictl: ${ids.length} containers are called so; name one by its id` };
  const template = ['--output', 'go-template', '--template', '{{.info.pid}}'];
  return inspect('crictl', ['inspect', ...template, ids[0] ?? name], name, env);
}

async function inspect(
  command: string,
  args: readonly string[],
  name: string,
  env: Environment,
): Promise<Finding> {
  const answer = await ask(command, args, env);
  if (answer === undefined) return { kind: 'not', tried: `${command}: not installed` };
  if (!answer.ok) return { kind: 'not', tried: `${command}: ${answer.text || `does not know ${name}`}` };
  const pid = Number(answer.text);
  // A container that has stopped has pid 0.
  if (!Number.isInteger(pid) || pid <= 0) return { kind: 'not', tried: `${command}: ${name} is not running` };
  return { kind: 'found', pid, source: command };
}

interface StateRoot {
  readonly directory: string;
  readonly file: 'state.json' | 'status';
}

/** Where runc and crun keep a directory for each container: their own defaults, and those that engines give them. */
function stateRoots(env: Environment): readonly StateRoot[] {
  const user = env['XDG_RUNTIME_DIR'];
  const bases = ['/run', ...(user === undefined ? [] : [user])];
  const runc = [
    ...bases.map((base) => join(base, 'runc')),
    // dockerd: one directory for each runtime, then one for each namespace of containerd.
    ...below('/run/docker')
      .filter((path) => /\/runtime-[^/]+$/.test(path))
      .flatMap(below),
    ...below('/run/containerd/runc'),
  ];
  return [
    ...bases.map((base): StateRoot => ({ directory: join(base, 'crun'), file: 'status' })),
    ...runc.flatMap((directory): StateRoot[] => [
      { directory, file: 'state.json' },
      // crun in the place of runc.
      { directory, file: 'status' },
    ]),
  ];
}

function below(directory: string): readonly string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}

/** By id, or by the beginning of one if it is one alone, as the commands take it. */
async function byState(name: string, env: Environment): Promise<Finding> {
  const roots = stateRoots(env);
  const found = roots.flatMap(({ directory, file }) =>
    below(directory).flatMap((container) => {
      const id = container.slice(directory.length + 1);
      if (id !== name && !(name.length >= 4 && id.startsWith(name))) return [];
      const path = join(container, file);
      const pid = statePid(path);
      return pid === undefined ? [] : [{ exact: id === name, pid, path }];
    }),
  );
  const exact = found.filter((entry) => entry.exact);
  const [only, second] = exact.length > 0 ? exact : found;
  if (only !== undefined && second === undefined) return { kind: 'found', pid: only.pid, source: only.path };
  const where = 'the state directories of runc and crun (/run/runc, /run/crun, /run/docker, /run/containerd)';
  return {
    kind: 'not',
    tried: second === undefined ? where : `${where}: ${found.length} containers begin so`,
  };
}

/** The pid in a state file, unless that process has ended: its number may be another one's by now. */
function statePid(path: string): number | undefined {
  try {
    const state = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const pid = state['init_process_pid'] ?? state['pid'];
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 0) return undefined;
    const started = state['init_process_start'] ?? state['process-start-time'];
    return typeof started === 'number' && startTime(pid) !== started ? undefined : pid;
  } catch {
    return undefined;
  }
}

/** Clock ticks since boot: field 22 of proc_pid_stat(5), the 20th after the name in parentheses. Undefined for a zombie. */
function startTime(pid: number): number | undefined {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return fields[0] === 'Z' ? undefined : Number(fields[19]);
}
