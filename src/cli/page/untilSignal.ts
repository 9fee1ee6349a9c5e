const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Settles at the first signal that asks this process to end. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of SIGNALS) process.removeListener(signal, stop);
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, stop);
  });
}
