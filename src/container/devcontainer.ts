import { elementsOf, field, textOf, textsOf } from '../profile/fields.js';
import { parseJson } from '../profile/jsonText.js';
import { describe } from '../profile/node.js';
import type { Note } from '../profile/profile.js';
import { fail, openSource } from '../profile/source.js';
import { type ComposeOptions, readCompose } from './compose.js';
import { readRunOptions } from './runLine.js';
import type { ContainerWords } from './words.js';

/**
 * What a devcontainer.json says of its container: `runArgs`, `capAdd`, `securityOpt`, `privileged`, `containerUser`, or
 * the service of a Compose file.
 *
 * @throws CallgateError `INPUT` with file, line and column
 * @example readDevcontainer('{"image": "debian", "capAdd": ["SYS_PTRACE"]}', 'devcontainer.json').capAdd // ['SYS_PTRACE']
 */
export function readDevcontainer(
  input: string | Uint8Array,
  file: string,
  options: ComposeOptions = {},
): ContainerWords {
  const source = openSource(input, file);
  const { root } = parseJson(source);
  if (root.kind !== 'object') {
    fail(source, root.at, `unexpected ${describe(root)}`, { expected: 'a devcontainer.json: an object' });
  }
  const title = `the dev container of ${file}`;
  const notes: Note[] = [];
  const features = field(root, 'features');
  if (features?.kind === 'object' && [...features.members()].length > 0) {
    notes.push({
      kind: 'features',
      text: 'features can add capabilities and security options of their own, which are not in this file',
    });
  }
  const own = {
    capAdd: textsOf(field(root, 'capAdd')),
    securityOpt: textsOf(field(root, 'securityOpt')),
    privileged: textOf(field(root, 'privileged')) === 'true',
  };
  const compose = field(root, 'dockerComposeFile');
  if (compose !== undefined) {
    const paths = textOf(compose) === undefined ? textsOf(compose) : [textOf(compose) ?? ''];
    const [path] = paths;
    const service = textOf(field(root, 'service'));
    if (path === undefined || service === undefined || options.read === undefined) {
      fail(source, compose.at, 'a dockerComposeFile without a service', {
        expected: 'dockerComposeFile and service',
      });
    }
    if (paths.length > 1) {
      notes.push({
        kind: 'compose',
        text: `only ${path} is read; what the other Compose files add is not known here`,
      });
    }
    const slash = file.lastIndexOf('/');
    const beside = path.startsWith('/') || slash === -1 ? path : `${file.slice(0, slash)}/${path}`;
    const words = readCompose(options.read(beside), beside, { ...options, service });
    return { ...joined(words, own), title, notes: [...words.notes, ...notes] };
  }
  const words = elementsOf(field(root, 'runArgs')).map((node) => ({ text: textOf(node) ?? '', at: node.at }));
  const given = readRunOptions(source, words);
  const image = textOf(field(root, 'image'));
  const user = textOf(field(root, 'containerUser'));
  return {
    ...joined(given, own),
    title,
    engine: 'docker',
    ...(image === undefined ? {} : { image }),
    ...(user === undefined ? {} : { user }),
    notes: [...given.notes, ...notes],
  };
}

function joined(
  words: ContainerWords,
  own: Pick<ContainerWords, 'capAdd' | 'securityOpt' | 'privileged'>,
): ContainerWords {
  return {
    ...words,
    capAdd: [...words.capAdd, ...own.capAdd],
    securityOpt: [...words.securityOpt, ...own.securityOpt],
    privileged: words.privileged || own.privileged,
  };
}
