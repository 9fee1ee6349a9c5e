/** What pods write as localhostProfile once the Security Profiles Operator has installed a SeccompProfile. */
export function operatorPath(name: string, namespace?: string): string {
  return `operator/${namespace === undefined ? '' : `${namespace}/`}${name}.json`;
}
