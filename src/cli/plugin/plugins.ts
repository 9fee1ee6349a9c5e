import { join } from 'node:path';
import { version } from '../version.js';

/** A command that finds its plugins as programs of their own. */
export interface PluginHost {
  readonly name: 'docker' | 'kubectl';
  /** Where it looks, unless a directory is given; undefined where that is not known. */
  readonly directory: (env: Env) => string | undefined;
  /** Whether that must be a directory of PATH. */
  readonly onPath: boolean;
  /** Programs by their names. */
  readonly launchers: (self: Self) => ReadonlyMap<string, string>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** How this command is started. */
export interface Self {
  readonly node: string;
  readonly script: string;
}

/** In the second line of every file that is written here: another file is nobody's to replace. */
export const MARK = '# Written by callgate install-plugin.';

/** docker/cli cli-plugins/manager: the metadata's schema, and the argument that asks for it. */
const METADATA = {
  SchemaVersion: '0.1.0',
  Vendor: 'Callgate',
  Version: version,
  ShortDescription: 'Say what seccomp does to a syscall in a container',
};

const docker: PluginHost = {
  name: 'docker',
  directory: (env) => {
    const config = env['DOCKER_CONFIG'] ?? inHome(env, '.docker');
    return config === undefined ? undefined : join(config, 'cli-plugins');
  },
  onPath: false,
  launchers: (self) =>
    new Map([
      [
        'docker-callgate',
        script(`if [ "$1" = docker-cli-plugin-metadata ]; then
  cat <<'END'
${JSON.stringify(METADATA)}
END
  exit
fi
# docker's own flags and the plugin's name come first; a question of its shell completion before them.
asked=
case $1 in __complete*) asked=$1 ;; esac
while [ $# -gt 0 ] && [ "$1" != callgate ]; do shift; done
[ $# -eq 0 ] || shift
exec ${command(self)} $asked "$@"
`),
      ],
    ]),
};

const kubectl: PluginHost = {
  name: 'kubectl',
  directory: (env) => inHome(env, join('.local', 'bin')),
  onPath: true,
  launchers: (self) =>
    new Map([
      ['kubectl-callgate', script(`exec ${command(self)} "$@"\n`)],
      // kubectl asks this one for completions (kubectl pkg/cmd/plugin/plugin_completion.go).
      ['kubectl_complete-callgate', script(`exec ${command(self)} __complete "$@"\n`)],
    ]),
};

export const pluginHosts: readonly PluginHost[] = [docker, kubectl];

function script(body: string): string {
  return `#!/bin/sh\n${MARK}\n${body}`;
}

function command({ node, script: path }: Self): string {
  return `${shellWord(node)} ${shellWord(path)}`;
}

/** In single quotes, as a POSIX shell reads it. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function inHome(env: Env, path: string): string | undefined {
  const home = env['HOME'];
  return home === undefined || home === '' ? undefined : join(home, path);
}
