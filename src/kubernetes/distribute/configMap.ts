import { Document } from 'yaml';
import { labelsOf, type ObjectNames } from './objectNames.js';

/** No anchors where the same object stands twice. */
export const PLAIN = { aliasDuplicateObjects: false } as const;

export function configMap(names: ObjectNames, data: Readonly<Record<string, string>>): Document {
  const { name, namespace } = names;
  return new Document(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: labelsOf(names) }, data },
    PLAIN,
  );
}
