import type { OciSeccomp } from '../../src/engine/oci.js';

/** `linux.seccomp` as a runtime reads it. Numbers of 64 bits are written out, which JSON.stringify cannot. */
export function ociJson(oci: OciSeccomp): string {
  const { syscalls, ...rest } = oci;
  // Engines leave `args` out where there are none, and crun tells the two apart.
  const rules = syscalls.map(({ origin, args, ...rule }) => (args.length === 0 ? rule : { ...rule, args }));
  const numbers: bigint[] = [];
  const text = JSON.stringify({ ...rest, syscalls: rules }, (_, item: unknown) =>
    typeof item === 'bigint' ? `@${numbers.push(item) - 1}@` : item,
  );
  return text.replace(/"@(\d+)@"/g, (_, index: string) => String(numbers[Number(index)]));
}
