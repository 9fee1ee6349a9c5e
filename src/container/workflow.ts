import { field, textOf } from '../profile/fields.js';
import { nearest } from '../profile/nearest.js';
import type { Member, Node } from '../profile/node.js';
import { fail, openSource, type Source } from '../profile/source.js';
import { yamlDocuments } from '../profile/yamlDocuments.js';
import { documentNode } from '../profile/yamlText.js';
import { readRunOptions } from './runLine.js';
import { openQuoted, shellWords } from './shellWords.js';
import type { ContainerWords } from './words.js';

const LIMITS = { documents: 1, lexemes: 250_000 };

/**
 * What a GitHub Actions workflow says of a job's container (`jobs.JOB.container.options`) or of one of its services.
 *
 * @param name `JOB` or `JOB/SERVICE`; needed where the workflow has more than one container
 * @throws CallgateError `INPUT` with file, line and column
 * @example
 * const workflow = 'jobs: {test: {container: {image: debian, options: --cap-add SYS_PTRACE}}}';
 * readWorkflow(workflow, 'ci.yml').capAdd // ['SYS_PTRACE']
 */
export function readWorkflow(input: string | Uint8Array, file: string, name?: string): ContainerWords {
  const source = openSource(input, file);
  const [document] = yamlDocuments(source, LIMITS);
  const root = document === undefined ? undefined : documentNode(source, document);
  const found = new Map<string, Node>();
  for (const { key: job, value } of membersOf(field(root, 'jobs'))) {
    const container = field(value, 'container');
    if (container !== undefined) found.set(job, container);
    for (const { key, value: service } of membersOf(field(value, 'services')))
      found.set(`${job}/${key}`, service);
  }
  const [chosenName, node] = choose(found, name, source);
  const options = field(node, 'options');
  const text = textOf(options) ?? '';
  const quoted = openQuoted(text, source, options?.at ?? node.at);
  const image = textOf(node) ?? textOf(field(node, 'image'));
  return {
    ...readRunOptions(quoted, shellWords(quoted)),
    title: `the container ${chosenName} of ${file}`,
    ...(image === undefined ? {} : { image }),
    at: source.at(node.at),
  };
}

function membersOf(node: Node | undefined): readonly Member[] {
  return node?.kind === 'object' ? [...node.members()] : [];
}

function choose(
  found: ReadonlyMap<string, Node>,
  name: string | undefined,
  source: Source,
): readonly [string, Node] {
  const names = [...found.keys()];
  const wanted = name ?? (names.length === 1 ? names[0] : undefined);
  const node = wanted === undefined ? undefined : found.get(wanted);
  if (wanted !== undefined && node !== undefined) return [wanted, node];
  if (names.length === 0)
    fail(source, 0, 'no job of this workflow has a container', { expected: 'jobs.NAME.container' });
  const near = name === undefined ? undefined : nearest(name, names);
  fail(
    source,
    0,
    name === undefined ? `${names.length} containers` : `no container ${JSON.stringify(name)} here`,
    {
      expected: near === undefined ? `one of ${names.slice(0, 20).join(', ')}` : `${near}?`,
    },
  );
}
