import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { hasCommand } from '../oracle.js';

/** A program that can be run again and again. */
export interface Recordable {
  readonly name: string;
  /** Commands, and files where they have a slash. */
  readonly needs: readonly string[];
  /** The program refuses to run as root. */
  readonly asUser?: boolean;
  /** Makes what the program works on, below an empty directory of its own. */
  readonly prepare: (directory: string) => Promise<Prepared>;
}

export interface Prepared {
  readonly command: readonly string[];
  /** Puts everything back as it was before the program ran. */
  readonly reset: () => void;
  /** What goes on beside the program, until that ends. */
  readonly beside?: (program: ChildProcess) => Promise<void>;
  /** Fails when the program did not do its work. */
  readonly check: () => void;
  readonly finish?: () => void;
}

export interface Scale {
  readonly commits: number;
  readonly files: number;
  readonly requests: number;
  readonly downloads: number;
}

/** As `issue` asks for it: minutes. */
export const LARGE: Scale = { commits: 200, files: 10_000, requests: 20_000, downloads: 200 };
export const SMALL: Scale = { commits: 5, files: 300, requests: 300, downloads: 8 };

const program = (name: string): string => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
/** A version manager's python3 is a script that runs many other programs. */
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

export function recordables({ commits, files, requests, downloads }: Scale): readonly Recordable[] {
  return [
    {
      name: 'git clone of a local repository',
      needs: ['git'],
      prepare: (directory) => gitClone(directory, commits),
    },
    { name: `tar of ${files} files`, needs: ['tar'], prepare: (directory) => tar(directory, files) },
    {
      name: 'a Node.js HTTP server under load',
      needs: [],
      prepare: (directory) => server(directory, requests),
    },
    { name: 'python3 -m compileall', needs: [python], prepare: compileAll },
    {
      name: 'a downloader of packages',
      needs: [python],
      prepare: (directory) => download(directory, downloads),
    },
  ];
}

async function gitClone(directory: string, commits: number): Promise<Prepared> {
  const source = join(directory, 'source');
  const target = join(directory, 'target');
  mkdirSync(source);
  const git = (...args: readonly string[]): void => {
    const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.org'];
    const { status, stderr } = spawnSync('git', [...who, ...args], { cwd: source, encoding: 'utf8' });
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  };
  git('init', '-q', '-b', 'main');
  for (let commit = 0; commit < commits; commit++) {
    writeFileSync(join(source, `file${commit % 50}`), `${commit}\n`.repeat(100));
    git('add', '.');
    git('commit', '-q', '-m', `commit ${commit}`);
  }
  openToAll(directory);
  return {
    // Without --no-local the files would be linked, not packed and read.
    command: ['git', 'clone', '-q', '--no-local', source, target],
    reset: () => rmSync(target, { recursive: true, force: true }),
    check: () => present(join(target, 'file0')),
  };
}

async function tar(directory: string, files: number): Promise<Prepared> {
  const source = join(directory, 'source');
  for (let file = 0; file < files; file++) {
    const below = join(source, String(file % 100));
    if (file < 100) mkdirSync(below, { recursive: true });
    writeFileSync(join(below, `file${file}`), `${file}`.repeat(50));
  }
  const archive = join(directory, 'archive.tar');
  openToAll(directory);
  return {
    command: ['tar', '-cf', archive, '-C', source, '.'],
    reset: () => rmSync(archive, { force: true }),
    check: () => {
      if (statSync(archive).size < files * 512) throw new Error('the archive is too small');
    },
  };
}

async function server(directory: string, requests: number): Promise<Prepared> {
  const portFile = join(directory, 'port');
  for (let file = 0; file < 10; file++)
    writeFileSync(join(directory, `page${file}`), `page ${file}\n`.repeat(500));
  openToAll(directory);
  let answered = 0;
  return {
    command: [process.execPath, program('server.mjs'), directory, portFile],
    reset: () => {
      rmSync(portFile, { force: true });
      answered = 0;
    },
    beside: async (child) => {
      while (!existsSync(portFile)) {
        if (child.exitCode !== null) throw new Error('the server ended before it listened');
        await sleep(20);
      }
      const port = Number(readFileSync(portFile, 'utf8'));
      const client = async (index: number): Promise<void> => {
        for (let count = index; count < requests; count += 16)
          if ((await get(port, `/page${count % 11}`)) > 0) answered++;
      };
      await Promise.all(Array.from({ length: 16 }, (_, index) => client(index)));
      await get(port, '/quit');
    },
    check: () => {
      if (answered !== requests) throw new Error(`${answered} of ${requests} requests were answered`);
    },
  };
}

function get(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path }, (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
      });
      response.on('end', () => resolve(length));
    });
    call.on('error', reject);
    call.end();
  });
}

async function compileAll(directory: string): Promise<Prepared> {
  const { stdout } = spawnSync(
    python,
    ['-c', 'import json, os; print(os.path.dirname(os.path.dirname(json.__file__)))'],
    {
      encoding: 'utf8',
    },
  );
  const source = join(directory, 'source');
  for (const name of ['json', 'email', 'http', 'logging']) {
    const filter = (path: string): boolean => !path.endsWith('__pycache__');
    cpSync(join(stdout.trim(), name), join(source, name), { recursive: true, filter });
  }
  openToAll(directory);
  const caches = (): readonly string[] =>
    readdirSync(source).map((name) => join(source, name, '__pycache__'));
  return {
    command: [python, '-m', 'compileall', '-q', '-j', '2', source],
    reset: () => {
      for (const cache of caches()) rmSync(cache, { recursive: true, force: true });
    },
    check: () => {
      for (const cache of caches()) present(cache);
    },
  };
}

async function download(directory: string, downloads: number): Promise<Prepared> {
  const target = join(directory, 'target');
  const packages = new Map(
    Array.from({ length: downloads }, (_, index) => [
      `package${index}.deb`,
      Buffer.alloc(1000 + index * 5000, index),
    ]),
  );
  const lines = [...packages].map(
    ([name, content]) => `${createHash('sha256').update(content).digest('hex')} ${content.length} ${name}`,
  );
  const files = new Map([...packages, ['Packages.gz', gzipSync(lines.join('\n'))]]);
  const mirror = createServer((call, response) => {
    const content = files.get((call.url ?? '').slice(1));
    response.statusCode = content === undefined ? 404 : 200;
    response.end(content);
  });
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
  const { port } = mirror.address() as AddressInfo;
  const reset = (): void => {
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target);
    chmodSync(target, 0o777);
  };
  openToAll(directory);
  reset();
  return {
    command: [python, program('download.py'), `http://127.0.0.1:${port}/`, target],
    reset,
    check: () => {
      if (readdirSync(target).length !== downloads) throw new Error('not everything was downloaded');
    },
    finish: () => void mirror.close(),
  };
}

/** Programs run as another user too. */
export function openToAll(directory: string): void {
  spawnSync('chmod', ['-R', 'a+rwX', directory]);
}

function present(path: string): void {
  if (!existsSync(path)) throw new Error(`${path} was not made`);
}

export function lacksFor({ needs }: Recordable): string | undefined {
  const missing = needs.filter((need) => (need.startsWith('/') ? !existsSync(need) : !hasCommand(need)));
  return missing.length === 0 ? undefined : missing.join(', ');
}

/** A directory that other users reach. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'callgate-record-'));
  chmodSync(directory, 0o777);
  return directory;
}

export interface Ended {
  readonly status: number | null;
  readonly stderr: string;
}

/** Starts a command, does what goes on beside it, and waits for its end. */
export async function runBeside(
  argv: readonly string[],
  { uid, beside }: { readonly uid?: number | undefined; readonly beside?: Prepared['beside'] | undefined },
): Promise<Ended> {
  const [command = '', ...args] = argv;
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', HOME: tmpdir(), ...(uid === undefined ? {} : { USER: 'nobody' }) },
    ...(uid === undefined ? {} : { uid, gid: uid }),
    cwd: '/',
  });
  let stderr = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    stderr += text;
  });
  const end = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stderr }));
  });
  await beside?.(child);
  return end;
}
