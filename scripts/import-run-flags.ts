// What `docker run --help` and `podman run --help` print, in DIR as docker.txt, docker-global.txt, podman.txt and
// podman-global.txt → data/container/run-flags.json: which flags take a value, so that the image's place is known.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFacts } from './reviewable.js';
import { directories } from './snapshot.js';

export interface FlagNames {
  /** Long names, and short ones of one letter. */
  readonly values: readonly string[];
  readonly switches: readonly string[];
}

/** A line is `  -e, --env list   text`; a flag without a type word before the text is a switch. */
export function readHelp(text: string): FlagNames {
  const values: string[] = [];
  const switches: string[] = [];
  for (const line of text.split('\n')) {
    const found = /^ {2,6}(?:-(\w), )?--([\w-]+)( \S+)?(?: {2,}|$)/.exec(line);
    const [, short, long, type] = found ?? [];
    if (long === undefined) continue;
    const names = short === undefined ? [long] : [short, long];
    (type === undefined ? switches : values).push(...names);
  }
  return { values: values.sort(), switches: switches.sort() };
}

export async function importRunFlags(help: string, data: string): Promise<void> {
  const flags = async (name: string) => readHelp(await readFile(join(help, `${name}.txt`), 'utf8'));
  const client = async (name: string) => ({ global: await flags(`${name}-global`), run: await flags(name) });
  await writeFacts(data, 'container/run-flags.json', {
    origin: 'docker 28.2.2 and podman 4.3.1, as their --help prints: names, and which take a value',
    docker: await client('docker'),
    podman: await client('podman'),
  });
}

if (process.argv[1]?.endsWith('import-run-flags.ts')) {
  const { snapshot, data } = directories(process.argv);
  await importRunFlags(snapshot, data);
}
