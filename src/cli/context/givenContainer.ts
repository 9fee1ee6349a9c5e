import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { type ComposeOptions, readCompose } from '../../container/compose.js';
import { readDevcontainer } from '../../container/devcontainer.js';
import { readRunLine } from '../../container/runLine.js';
import { type ContainerWords, placedOption } from '../../container/words.js';
import { readWorkflow } from '../../container/workflow.js';
import { CallgateError } from '../../error.js';
import type { Io } from '../io/io.js';

/** The flags that name what a person already has: a command line or a file that starts the container. */
export interface GivenFlags {
  readonly fromRun?: string;
  readonly fromCompose?: string;
  readonly fromDevcontainer?: string;
  readonly fromWorkflow?: string;
}

/**
 * Reads the container that one of the flags describes; undefined where none is given.
 *
 * @throws CallgateError `USAGE` for two of them, `INPUT` for what cannot be read
 */
export function givenContainer(flags: GivenFlags, io: Io): ContainerWords | undefined {
  const given = (['fromRun', 'fromCompose', 'fromDevcontainer', 'fromWorkflow'] as const).filter(
    (name) => flags[name] !== undefined,
  );
  if (given.length > 1) {
    throw new CallgateError('USAGE', 'more than one container is described', {
      expected: 'one of --from-run, --from-compose, --from-devcontainer and --from-workflow',
    });
  }
  if (flags.fromRun !== undefined) {
    const text = flags.fromRun === '-' ? new TextDecoder().decode(io.read('-')) : flags.fromRun;
    return readRunLine(text, flags.fromRun === '-' ? '<stdin>' : undefined);
  }
  if (flags.fromCompose !== undefined) {
    const { path, name } = fileAndName(flags.fromCompose);
    const options = { ...composeOptions(path, io), ...(name === undefined ? {} : { service: name }) };
    return withPaths(readCompose(io.read(path), path, options));
  }
  if (flags.fromDevcontainer !== undefined) {
    const path = flags.fromDevcontainer;
    return withPaths(readDevcontainer(io.read(path), path, composeOptions(path, io)));
  }
  if (flags.fromWorkflow !== undefined) {
    const { path, name } = fileAndName(flags.fromWorkflow);
    return readWorkflow(io.read(path), path, name);
  }
  return undefined;
}

/** `compose.yaml:db`; a file whose own name has a colon is taken as it is. */
function fileAndName(word: string): { readonly path: string; readonly name?: string } {
  const colon = word.lastIndexOf(':');
  if (colon <= 0 || existsSync(word)) return { path: word };
  return { path: word.slice(0, colon), name: word.slice(colon + 1) };
}

/** Compose takes variables from the environment, and from .env beside the file for those that are not there. */
function composeOptions(path: string, io: Io): ComposeOptions {
  const beside = join(dirname(path), '.env');
  const file = existsSync(beside) ? parseEnv(new TextDecoder().decode(io.read(beside))) : {};
  return { variables: { ...file, ...io.env }, read: (other) => io.read(other) };
}

/** Paths of profiles start from the file's own directory, those of a command line from the current one. */
function withPaths(words: ContainerWords): ContainerWords {
  const { directory, securityOpt } = words;
  if (directory === undefined) return words;
  return {
    ...words,
    securityOpt: securityOpt.map((option) => placedOption(option, (path) => resolve(directory, path))),
  };
}
