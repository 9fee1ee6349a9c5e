/** Milliseconds of work after which other questions get their turn. */
const MOST = 12;

/** A pause to be awaited in a long loop: it lets waiting messages in when enough work has been done. */
export function breathe(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < MOST) return;
    await new Promise<void>((resolve) => setTimeout(resolve));
    since = performance.now();
  };
}
