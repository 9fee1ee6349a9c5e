import { POLLIN } from '../constants.js';

/** struct pollfd[] for reading on a few fds. */
export function pollSet(fds: readonly number[]) {
  const bytes = new Uint8Array(8 * fds.length);
  const view = new DataView(bytes.buffer);
  fds.forEach((fd, index) => {
    view.setInt32(8 * index, fd, true);
    view.setInt16(8 * index + 4, POLLIN, true);
  });
  return {
    bytes,
    /** What poll(2) said of an fd. */
    events: (index: number): number => view.getInt16(8 * index + 6, true),
  };
}
