import { Document } from 'yaml';
import { CallgateError } from '../../error.js';

/** A profile that is to be on every node. */
export interface InstalledFile {
  /** Below the kubelet's seccomp directory, e.g. `profiles/web.json`. */
  readonly path: string;
  readonly text: string;
}

/** What objects of one distribution are called. */
export interface ObjectNames {
  readonly name: string;
  readonly namespace: string;
}

/** A ConfigMap holds at most 1 MiB, with its keys and the script. */
const MOST_BYTES = 1_000_000;

/** No anchors where the same object stands twice. */
export const PLAIN = { aliasDuplicateObjects: false } as const;

/** A ConfigMap's keys have no slash. */
export const keyOf = (path: string): string => path.replaceAll('/', '--');

export const labelsOf = ({ name }: ObjectNames): Readonly<Record<string, string>> => ({
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/managed-by': 'callgate',
});

/**
 * Profiles as a ConfigMap holds them.
 *
 * @throws CallgateError `INPUT` for more than it holds
 */
export function dataOf(files: readonly InstalledFile[]): Readonly<Record<string, string>> {
  const data = Object.fromEntries(files.map(({ path, text }) => [keyOf(path), text]));
  const bytes = new TextEncoder().encode(JSON.stringify(data)).length;
  if (bytes > MOST_BYTES)
    throw new CallgateError('INPUT', `the profiles have ${bytes} bytes, a ConfigMap holds 1 MiB`, {
      hint: 'put them into several, each with a --name of its own',
    });
  return data;
}

export function configMap(names: ObjectNames, data: Readonly<Record<string, string>>): Document {
  const { name, namespace } = names;
  return new Document(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: labelsOf(names) }, data },
    PLAIN,
  );
}
