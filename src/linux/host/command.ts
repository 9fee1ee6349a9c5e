import { execFile } from 'node:child_process';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface CommandOutput {
  readonly ok: boolean;
  /** Standard output; of a command that failed the last line of its standard error. */
  readonly text: string;
}

/** Where daemons and runtimes stand that are not for everybody's PATH. */
const SYSTEM = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];

/** The directories in which commands are looked for: PATH, then those of the system. */
export function searchPath(env: Environment): string {
  const own = (env['PATH'] ?? '').split(':').filter((part) => part !== '');
  return [...new Set([...own, ...SYSTEM])].join(':');
}

/** Runs a command that answers a question. Undefined when there is no such command. */
export function ask(
  command: string,
  args: readonly string[],
  env: Environment = process.env,
  timeout = 10_000,
): Promise<CommandOutput | undefined> {
  const options = { env: { ...env, PATH: searchPath(env) }, timeout, maxBuffer: 1 << 22 };
  return new Promise((resolve) => {
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ ok: true, text: stdout.trim() });
      else if (error.code === 'ENOENT') resolve(undefined);
      else {
        const said = stderr.trim().split('\n').at(-1) ?? '';
        resolve({ ok: false, text: error.killed === true ? 'it does not answer' : said });
      }
    });
    child.stdin?.end();
  });
}
