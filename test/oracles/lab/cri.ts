import { connect as connectHttp2, constants } from 'node:http2';
import { connect } from 'node:net';

/** A protobuf message by field number; numbers are varints, all else is length-delimited. */
export interface Message {
  readonly [field: number]: number | string | Message | readonly (string | Message)[];
}

export function encodeMessage(message: Message): Buffer {
  const parts: Buffer[] = [];
  for (const [field, value] of Object.entries(message)) {
    if (typeof value === 'number') {
      parts.push(varint(Number(field) * 8), varint(value));
      continue;
    }
    for (const item of isList(value) ? value : [value]) {
      const bytes = typeof item === 'string' ? Buffer.from(item) : encodeMessage(item);
      parts.push(varint(Number(field) * 8 + 2), varint(bytes.length), bytes);
    }
  }
  return Buffer.concat(parts);
}

function isList<T, U>(value: T | readonly U[]): value is readonly U[] {
  return Array.isArray(value);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Buffer.from([...bytes, rest]);
}

/** The first field of an answer, as text: the identifier of what was made. */
function firstText(message: Buffer): string {
  const length = message[1] ?? 0;
  return message.subarray(2, 2 + length).toString();
}

/**
 * A unary call of the Container Runtime Interface over a Unix socket.
 *
 * @throws Error with gRPC's message
 */
export async function callCri(socket: string, method: string, request: Message): Promise<string> {
  const client = connectHttp2('http://localhost', { createConnection: () => connect(socket) });
  try {
    return await new Promise((resolve, reject) => {
      client.on('error', reject);
      const stream = client.request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_PATH]: `/runtime.v1.RuntimeService/${method}`,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      const chunks: Buffer[] = [];
      let status: string | undefined;
      const note = (headers: Readonly<Record<string, unknown>>): void => {
        if (headers['grpc-status'] === undefined || headers['grpc-status'] === '0') return;
        status = decodeURIComponent(String(headers['grpc-message']));
      };
      stream.on('response', note);
      stream.on('trailers', note);
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () => {
        if (status === undefined) resolve(firstText(Buffer.concat(chunks).subarray(5)));
        else reject(new Error(status));
      });
      const body = encodeMessage(request);
      const frame = Buffer.alloc(5);
      frame.writeUInt32BE(body.length, 1);
      stream.end(Buffer.concat([frame, body]));
    });
  } finally {
    client.close();
  }
}
