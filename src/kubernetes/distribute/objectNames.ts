/** What objects of one distribution are called. */
export interface ObjectNames {
  readonly name: string;
  readonly namespace: string;
}

export const labelsOf = ({ name }: ObjectNames): Readonly<Record<string, string>> => ({
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/managed-by': 'callgate',
});
