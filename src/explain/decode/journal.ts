/** Fields of one line that another program wrapped in JSON. */
export interface Unwrapped {
  readonly message: string;
  /** ISO 8601; what the message itself says goes first. */
  readonly time?: string;
}

const KEYS = ['MESSAGE', 'message', 'msg', 'log', '@message', 'short_message', 'textPayload'] as const;
/** A collector wraps what another one wrapped. */
const DEEPEST = 4;

/**
 * The message inside a line of `journalctl -o json`, of a container log or of another JSON log; undefined for other lines
 * and for messages that have nothing to do with seccomp.
 */
export function unwrapJson(line: string): Unwrapped | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // A line that was cut: its strings are still escaped.
    return { message: line.replaceAll('\\"', '"') };
  }
  return unwrapValue(value, DEEPEST);
}

function unwrapValue(value: unknown, deepest: number): Unwrapped | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  for (const key of KEYS) {
    const message = messageOf(fields[key])?.trimEnd();
    if (message === undefined) continue;
    const time = timeOf(fields);
    const inner = message.startsWith('{"') && deepest > 0 ? unwrapText(message, deepest - 1) : undefined;
    return { ...(time === undefined ? {} : { time }), ...(inner ?? { message }) };
  }
  return undefined;
}

function unwrapText(text: string, deepest: number): Unwrapped | undefined {
  try {
    return unwrapValue(JSON.parse(text), deepest);
  } catch {
    return undefined;
  }
}

/** journald writes a message that is not UTF-8 as an array of bytes. */
function messageOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value) || !value.every((byte) => typeof byte === 'number')) return undefined;
  return new TextDecoder().decode(Uint8Array.from(value));
}

function timeOf(fields: Readonly<Record<string, unknown>>): string | undefined {
  const micro = fields['_SOURCE_REALTIME_TIMESTAMP'] ?? fields['__REALTIME_TIMESTAMP'];
  if (typeof micro === 'string' && /^\d{1,17}$/.test(micro)) {
    const time = new Date(Number(micro) / 1000);
    if (!Number.isNaN(time.getTime())) return time.toISOString();
  }
  const time = fields['time'] ?? fields['timestamp'] ?? fields['@timestamp'];
  return typeof time === 'string' ? time : undefined;
}
