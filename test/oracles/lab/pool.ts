/** Does a task for every item, `width` at a time. */
export async function each<T>(
  items: readonly T[],
  width: number,
  task: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const pending = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of pending) await task(item, index);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
