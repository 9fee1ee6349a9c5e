import json from '../../data/capabilities.json' with { type: 'json' };

export interface Capability {
  /** Full name, `CAP_CHOWN`. */
  readonly name: string;
  /** Bit in the masks of /proc/PID/status. */
  readonly number: number;
  /** Kernel release that has it. */
  readonly kernel: string;
  readonly purpose: string;
}

/** Every capability of Linux, in the kernel's order. */
export const capabilities: readonly Capability[] = json.capabilities;

const names = new Set(capabilities.map(({ name }) => name));

/** The full name of a capability that a person wrote in any case, with or without `CAP_`. */
export function capabilityName(word: string): string | undefined {
  const upper = word.trim().toUpperCase();
  const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  return names.has(full) ? full : undefined;
}
