/**
 * How many lines may still be written: as many a second as are allowed, and as many as two seconds allow after a silence.
 *
 * @param perSecond lines
 */
export function lineBudget(perSecond: number, now: () => number = Date.now) {
  const most = 2 * perSecond;
  let left = most;
  let last = now();
  let suppressed = 0;
  return {
    /** False for a line that is too much. */
    take: (): boolean => {
      const time = now();
      left = Math.min(most, left + ((time - last) * perSecond) / 1000);
      last = time;
      if (left < 1) {
        suppressed++;
        return false;
      }
      left--;
      return true;
    },
    /** How many lines were too many since the last time this was asked. */
    takeSuppressed: (): number => {
      const count = suppressed;
      suppressed = 0;
      return count;
    },
  };
}
