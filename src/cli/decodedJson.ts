import type { SeccompRecord } from '../explain/decode/record.js';

/** A record as one line of JSON; hexadecimal where the kernel's own words are. */
export function recordJson(record: SeccompRecord): string {
  const { auditArch, code } = record;
  return `${JSON.stringify({
    ...record,
    ...(auditArch === undefined ? {} : { auditArch: hex(auditArch) }),
    ...(code === undefined ? {} : { code: hex(code) }),
  })}\n`;
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;
