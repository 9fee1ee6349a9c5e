import { behaves } from './behaviours.js';

interface Release {
  readonly kernel: number;
  readonly major: number;
  readonly minor: number;
}

/** The first numbers of a kernel release, as moby's ParseRelease takes them: `4.8`, `4.8.1`, `3.12-1-amd64`. */
function parseRelease(text: string): Release | undefined {
  const found = /^\s*(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  if (found === null) return undefined;
  return { kernel: Number(found[1]), major: Number(found[2]), minor: Number(found[3] ?? 0) };
}

/** A reason in Docker's words why a `minKernel` cannot be used. */
export interface MinKernelError {
  readonly message: string;
}

/** What Docker >= 20.10 says of a `minKernel` while it decodes the profile; undefined when it is good. */
export function strictMinKernelError(text: string): string | undefined {
  if (text === '') return undefined;
  const invalid = `invalid kernel version: ${JSON.stringify(text)}, expected "<kernel>.<major>"`;
  const parts = text.split('.');
  if (parts.length !== 2) return invalid;
  for (const part of parts) {
    const problem = !/^\d+$/.test(part)
      ? 'invalid syntax'
      : Number(part) > 255
        ? 'value out of range'
        : undefined;
    if (problem !== undefined)
      return `${invalid}: strconv.ParseUint: parsing ${JSON.stringify(part)}: ${problem}`;
  }
  return parts.every((part) => Number(part) === 0) ? `${invalid}: version cannot be 0.0` : undefined;
}

/**
 * Whether the host's kernel is at least `minKernel`, as a Docker release sees it: 19.03 compares three numbers,
 * 20.10 and later two. Undefined: there is no condition (an empty word of 19.03; later it is 0.0, always reached).
 */
export function kernelAtLeast(
  version: string,
  host: string,
  minKernel: string,
): boolean | MinKernelError | undefined {
  const running = parseRelease(host);
  if (running === undefined) return { message: `failed to parse kernel version ${JSON.stringify(host)}` };
  const strict = behaves('docker', version, 'min-kernel-strict');
  if (!strict && minKernel === '') return undefined;
  const wanted = minKernel === '' ? { kernel: 0, major: 0, minor: 0 } : parseRelease(minKernel);
  if (wanted === undefined) return { message: `Can't parse kernel version ${minKernel}` };
  if (running.kernel !== wanted.kernel) return running.kernel > wanted.kernel;
  if (running.major !== wanted.major) return running.major > wanted.major;
  return strict || running.minor >= wanted.minor;
}
