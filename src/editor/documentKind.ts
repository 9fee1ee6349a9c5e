/** What a file is to Callgate. */
export type DocumentKind = 'profile' | 'suite' | 'config';

/** Tells by name and content; undefined for the many JSON and YAML files that are none of it. */
export function documentKind(path: string, text: string): DocumentKind | undefined {
  if (/(?:^|[\\/])callgate\.config\.json$/.test(path)) return 'config';
  if (/\.test\.(?:ya?ml|json)$/.test(path)) return /^\s*"?tests"?\s*:/m.test(text) ? 'suite' : undefined;
  if (/\bSCMP_(?:ACT|ARCH|CMP)_|"defaultAction"|^\s*defaultAction\s*:/m.test(text)) {
    return KUBERNETES.test(text) && !OPERATOR.test(text) ? undefined : 'profile';
  }
  return undefined;
}

/** A manifest of another kind can well hold a profile inside a text; it is no profile. */
const KUBERNETES = /^\s*"?apiVersion"?\s*:/m;
const OPERATOR = /security-profiles-operator\.x-k8s\.io\//;
