/** Runs something and says how much processor time that took: unlike the clock it does not depend on what else runs. */
export function cpuTime<T>(run: () => T): { readonly value: T; readonly milliseconds: number } {
  const start = process.cpuUsage();
  const value = run();
  const { user, system } = process.cpuUsage(start);
  return { value, milliseconds: (user + system) / 1000 };
}
