/** The word for a runtime: a version needs its name, a bundled version of the bundled runtime needs none. */
export function runtimeWordFor(name: string, written: string, version: string): string {
  if (version === '') return written;
  return `${name}@${version}`;
}
