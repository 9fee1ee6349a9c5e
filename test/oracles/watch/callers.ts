import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveContext } from '../../../src/engine/resolveContext.js';
import { type FilterPrediction, predict } from '../../../src/explain/predict.js';
import { watchProfile } from '../../../src/explain/watch/watchProfile.js';
import { type Container, type ContainerRuntime, runCommand } from '../containers.js';
import { installedLibseccomp, installedRuntime } from '../installed.js';
import { ociJson } from '../oci-json.js';

/** What a caller tells of its calls. */
export interface CallerResult {
  readonly calls: number;
  readonly wrong: number;
  /** Nanoseconds a call. */
  readonly median: number;
  readonly longest: number;
}

/** Containers that make denied calls, all at one moment. */
export interface Callers {
  readonly socketPath: string;
  /** The static program, and the directory that containers see as /sample. */
  readonly program: string;
  readonly work: string;
  /** Starts a container that waits for `go`; gives what its program prints in the end. */
  readonly start: (runtime: ContainerRuntime, calls: number, more?: CallerOptions) => Promise<CallerResult>;
  readonly go: () => void;
  readonly remove: () => void;
}

export interface CallerOptions {
  readonly noNewPrivileges?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Milliseconds after which the container is killed. */
  readonly patience?: number;
}

/** The container whose profile the callers get, extended for an agent. */
async function originalOf(runtime: ContainerRuntime): Promise<FilterPrediction> {
  const { context } = await resolveContext({
    engine: 'docker@28.5.2',
    arch: 'amd64',
    runtime: `${runtime}@${installedRuntime(runtime).version}`,
    libseccomp: installedLibseccomp(),
  });
  const prediction = await predict(context);
  if (prediction.kind !== 'filter') throw new Error(prediction.kind);
  return prediction;
}

const SOURCE = new URL('./caller.c', import.meta.url);

/** @param source path of caller.c */
export async function makeCallers(source = fileURLToPath(SOURCE)): Promise<Callers> {
  const directory = mkdtempSync(join(tmpdir(), 'callgate-watch-'));
  chmodSync(directory, 0o755);
  const [root, work, socketPath] = ['rootfs', 'work', 'agent/watch.sock'].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  for (const name of ['dev', 'proc', 'sys', 'sample']) mkdirSync(join(root, name), { recursive: true });
  mkdirSync(work);
  for (const each of [root, work]) chmodSync(each, 0o755);
  const program = join(root, 'caller');
  execFileSync('gcc', ['-static', '-O1', '-Wall', '-Wextra', '-Werror', '-o', program, source]);
  chmodSync(program, 0o755);
  const containers = new Map<ContainerRuntime, Promise<Pick<Container, 'seccomp' | 'capabilities'>>>();
  const containerOf = async (runtime: ContainerRuntime) => {
    const original = await originalOf(runtime);
    const { after } = await watchProfile(original, socketPath);
    return { seccomp: ociJson(after.oci), capabilities: original.context.capabilities };
  };
  return {
    socketPath,
    program,
    work,
    start: async (runtime, calls, { noNewPrivileges = false, annotations = {}, patience } = {}) => {
      const container = containers.get(runtime) ?? containerOf(runtime);
      containers.set(runtime, container);
      const output = await runCommand(
        runtime,
        { ...(await container), noNewPrivileges, annotations },
        {
          root,
          args: ['/caller', String(calls), '/sample/go'],
          work,
          ...(patience === undefined ? {} : { patience }),
        },
      );
      return JSON.parse(output) as CallerResult;
    },
    go: () => {
      if (!existsSync(join(work, 'go'))) writeFileSync(join(work, 'go'), '');
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
