export interface Stamp {
  readonly time: string;
  readonly serial: number;
}

/** Records come in the order of time, so the second of one is mostly that of the ones before. */
const seconds = new Map<string, string>();
const MOST_KEPT = 1024;

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
  if (dot < 0 || dot > colon) return { time: line.slice(at + 6, colon), serial };
  const whole = line.slice(at + 6, dot);
  const known = seconds.get(whole) ?? remember(whole);
  if (known === '') return { time: line.slice(at + 6, colon), serial };
  return { time: `${known}${line.slice(dot + 1, colon)}Z`, serial };
}

/** `2020-09-15T12:26:40.`, or nothing for what is not a number of seconds. */
function remember(whole: string): string {
  const text = /^\d{1,11}$/.test(whole) ? new Date(Number(whole) * 1000).toISOString().slice(0, 20) : '';
  if (seconds.size >= MOST_KEPT) seconds.clear();
  seconds.set(whole, text);
  return text;
}
