/** Labels of a series, in the order of their names. */
export type Labels = Readonly<Record<string, string>>;

/** What a series is counted under when there is no room for it. */
export const OTHER = 'other';

export interface Placed {
  readonly labels: Labels;
  /** A series that must go to make room. */
  readonly evicted?: Labels;
}

/**
 * Keeps the number of series bounded, whatever containers are called and whatever they call. A new series takes the place
 * of the one that ended longest ago, if that is long enough ago to have been scraped; else it is counted with its labels
 * `fold` set to `other`, and in the last place with every label so.
 *
 * @param most series beside those of `other`
 * @param grace milliseconds that a series stays after its end
 */
export function boundedSeries(most: number, fold: readonly string[], grace: number) {
  /** Ended at, in milliseconds since the epoch; undefined while its container runs. In the order of their making. */
  const series = new Map<string, { readonly labels: Labels; endedAt: number | undefined }>();
  const folded = new Set<string>();
  const mostFolded = Math.max(1, Math.floor(most / 2));

  const place = (labels: Labels, now: number): Placed => {
    const key = JSON.stringify(labels);
    const known = series.get(key);
    if (known !== undefined) {
      known.endedAt = undefined;
      return { labels };
    }
    if (series.size < most) {
      series.set(key, { labels, endedAt: undefined });
      return { labels };
    }
    const oldest = longestEnded(now - grace);
    if (oldest !== undefined) {
      series.delete(JSON.stringify(oldest));
      series.set(key, { labels, endedAt: undefined });
      return { labels, evicted: oldest };
    }
    const half = { ...labels, ...Object.fromEntries(fold.map((name) => [name, OTHER])) };
    const halfKey = JSON.stringify(half);
    if (folded.has(halfKey) || folded.size < mostFolded) {
      folded.add(halfKey);
      return { labels: half };
    }
    return { labels: Object.fromEntries(Object.keys(labels).map((name) => [name, OTHER])) };
  };

  const longestEnded = (before: number): Labels | undefined => {
    let found: { readonly labels: Labels; endedAt: number | undefined } | undefined;
    for (const entry of series.values())
      if (
        entry.endedAt !== undefined &&
        entry.endedAt <= before &&
        entry.endedAt < (found?.endedAt ?? Infinity)
      )
        found = entry;
    return found?.labels;
  };

  return {
    place,
    /** Whatever has these labels counts no more for now. */
    end: (ended: Labels, now: number): void => {
      for (const entry of series.values())
        if (Object.entries(ended).every(([name, value]) => entry.labels[name] === value)) entry.endedAt = now;
    },
    size: (): number => series.size,
  };
}
