import json from '../../data/syscalls/purposes.json' with { type: 'json' };

export interface Purpose {
  /** `network`, `mount`, `namespace`, … */
  readonly category: string;
  /** What the call does, one line. */
  readonly purpose: string;
  /** Why profiles deny or restrict it, where there is a reason. */
  readonly risk?: string;
}

const purposes = json.purposes as Readonly<Record<string, Purpose>>;

/** What a call is for, in words. */
export function purposeOf(name: string): Purpose | undefined {
  return Object.hasOwn(purposes, name) ? purposes[name] : undefined;
}
