export interface Stamp {
  readonly time: string;
  readonly serial: number;
}

/** Records come in the order of time, so the second of the last one is mostly that of the next. */
let last = { seconds: -1, text: '' };

/** Time and serial number of `audit(SECONDS.MILLISECONDS:SERIAL)`; a local time stands as it is. */
export function stampOf(line: string): Stamp | undefined {
  const at = line.indexOf('audit(');
  if (at < 0) return undefined;
  const end = line.indexOf(')', at);
  if (end < 0 || end - at > 64) return undefined;
  const colon = line.lastIndexOf(':', end);
  if (colon < at) return undefined;
  const serial = Number(line.slice(colon + 1, end));
  const dot = line.indexOf('.', at);
  const seconds = Number(line.slice(at + 6, dot));
  if (dot < 0 || dot > colon || !Number.isInteger(seconds) || seconds > 99_999_999_999) {
    return { time: line.slice(at + 6, colon), serial };
  }
  if (seconds !== last.seconds) last = { seconds, text: new Date(seconds * 1000).toISOString().slice(0, 20) };
  return { time: `${last.text}${line.slice(dot + 1, colon)}Z`, serial };
}
