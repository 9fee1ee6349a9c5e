import { lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { Argument } from 'commander';
import { CallgateError } from '../../error.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { jsonText, SCHEMA_VERSION } from '../output/json.js';
import { MARK, type PluginHost, pluginHosts } from '../plugin/plugins.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly dir?: string;
  readonly remove?: boolean;
  readonly format: 'human' | 'json';
}

export const installPluginVerb: Verb = {
  name: 'install-plugin',
  define: (command, io, exit) => {
    addFormat(command, ['human', 'json'])
      .description(
        'Make docker or kubectl take callgate for one of their own commands: docker callgate why clone3.',
      )
      .addArgument(
        new Argument('<host>', 'whose plugin it is to be').choices(pluginHosts.map(({ name }) => name)),
      )
      .option(
        '--dir <DIR>',
        'where to (default: for docker ~/.docker/cli-plugins, for kubectl ~/.local/bin, which must be on PATH)',
      )
      .option('--remove', 'take it away again')
      .addHelpText(
        'after',
        `
The plugin is a small script that starts this very installation; a file that callgate did not write is left alone.

Exit: 0, or 2 when it cannot be written.

Examples:
  callgate install-plugin docker && docker callgate why clone3
  callgate install-plugin kubectl && kubectl callgate k8s explain --live
  callgate install-plugin docker --dir /usr/local/lib/docker/cli-plugins
  callgate install-plugin docker --remove
`,
      )
      .action((name: string, flags: Flags) => {
        const host = pluginHosts.find((one) => one.name === name);
        if (host === undefined) throw new CallgateError('USAGE', `no plugins for ${name}`);
        install(host, flags, io);
        exit(0);
      });
  },
};

function install(host: PluginHost, flags: Flags, io: Io): void {
  const chosen = flags.dir ?? host.directory(io.env);
  if (chosen === undefined) {
    throw new CallgateError('HOST', 'HOME is not set', { hint: 'name the directory with --dir' });
  }
  const directory = resolve(chosen);
  const launchers = [
    ...host.launchers({ node: process.execPath, script: resolve(process.argv[1] ?? '') }),
  ].map(([name, text]) => ({ path: join(directory, name), text }));
  // Looked at first, so that nothing is written where something cannot be.
  const present = launchers.filter(({ path }) => isOurs(path));
  const done = flags.remove === true ? present : launchers;
  if (flags.remove === true) for (const { path } of present) rmSync(path);
  else {
    makeDirectory(directory);
    for (const { path, text } of launchers) io.write(path, text, 0o755);
  }
  const paths = done.map(({ path }) => path);
  if (flags.format === 'json') {
    io.out(
      jsonText({ schemaVersion: SCHEMA_VERSION, [flags.remove === true ? 'removed' : 'written']: paths }),
    );
  } else if (paths.length === 0) io.out(`callgate is no plugin in ${directory}\n`);
  else io.out(paths.map((path) => `${flags.remove === true ? 'removed' : 'wrote'} ${path}\n`).join(''));
  const onPath = (io.env['PATH'] ?? '').split(delimiter).includes(directory);
  if (host.onPath && !onPath && flags.remove !== true)
    io.err(`callgate: ${directory} is not on PATH, so ${host.name} does not find it there\n`);
}

/**
 * Whether a file is there that was written here.
 *
 * @throws CallgateError `HOST` for one that is somebody else's
 */
function isOurs(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  const ours = found.isFile() && readFileSync(path, 'latin1').slice(0, 200).split('\n')[1] === MARK;
  if (ours) return true;
  throw new CallgateError('HOST', `${path} is there already, and callgate did not write it`, {
    hint: 'remove it, or name another directory with --dir',
  });
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new CallgateError('HOST', `cannot make ${path}: ${(error as Error).message}`, { cause: error });
  }
}
