import type { TestNode } from '../core/programNodes.js';

/** A comparison for a box, and in full. */
export function testWords({ of, op, value, name }: TestNode): {
  readonly short: string;
  readonly long: string;
} {
  const hex = `0x${value.toString(16)}`;
  const number = of === 'number' ? String(value) : hex;
  const told = name === '' ? number : name;
  const [, argument = '', high = '', mask = ''] =
    /^argument \d+ \(\w+: (\w+)\), (high)?.*?half( & 0x[0-9a-f]+)?$/.exec(of) ?? [];
  const field =
    of === 'number'
      ? 'call'
      : argument === ''
        ? of.replace('argument ', 'arg ').replace(', low half', '')
        : `${argument}${high === '' ? '' : ' (high)'}${mask}`;
  const sign = op === '&' ? 'has' : op;
  return {
    short: `${field} ${sign} ${told}`,
    long: `${of} ${op === '&' ? 'has a bit of' : op} ${number}${name === '' ? '' : ` (${name})`}`,
  };
}
