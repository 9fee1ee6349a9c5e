import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { get } from 'node:http';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Daemon } from '../dockerd.js';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');

/** docker's command, for this daemon; what it prints. */
export async function docker({ socket }: Daemon, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, DOCKER_HOST: `unix://${socket}`, DOCKER_BUILDKIT: '0' };
  const { stdout, stderr } = await run('docker', args, { env, maxBuffer: 1 << 26 });
  return args[0] === 'logs' ? stdout + stderr : stdout.trim();
}

/** A directory as an image, without a registry. */
export async function importImage(daemon: Daemon, root: string, name: string): Promise<void> {
  const tar = execFileSync('tar', ['-C', root, '-c', '.'], { maxBuffer: 1 << 30 });
  const { status, body } = await daemon.call(
    'POST',
    `/images/create?fromSrc=-&repo=${name}`,
    tar,
    'application/x-tar',
  );
  if (status !== 200 || /"error"/.test(body)) throw new Error(body);
}

/** This machine's Node.js with its libraries, where no package of it is at hand. */
export function ownNodeTree(root: string): string {
  chmodSync(root, 0o755);
  for (const name of ['usr/bin', 'tmp', 'run', 'etc']) mkdirSync(join(root, name), { recursive: true });
  const node = realpathSync(process.execPath);
  cpSync(node, join(root, 'usr/bin/node'));
  const libraries = execFileSync('ldd', [node], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
  for (const library of libraries) cpSync(library, join(root, library), { dereference: true });
  return root;
}

/** Builds the agent's image as docs/agent.md says, on a base that has Node.js. */
export async function buildAgentImage(daemon: Daemon, base: string): Promise<void> {
  const context = join(daemon.folder, 'context');
  await run(process.execPath, [join(ROOT, 'scripts/agent-context.mjs'), context]);
  if (!readdirSync(context).includes('Dockerfile')) throw new Error('the context is not whole');
  await docker(daemon, 'build', '--quiet', '--build-arg', `BASE=${base}`, '--tag', 'callgate-agent', context);
}

/** A page of the agent; undefined while nobody answers. */
export function page(
  port: number,
  path: string,
): Promise<{ readonly status: number; readonly body: string } | undefined> {
  return new Promise((done) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (more: string) => {
        body += more;
      });
      answer.on('end', () => done({ status: answer.statusCode ?? 0, body }));
    });
    request.on('error', () => done(undefined));
  });
}
