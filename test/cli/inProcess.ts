import { type Io, processIo } from '../../src/cli/io/io.js';
import { main } from '../../src/cli/main.js';

/** What the command wrote, and its exit code. */
export interface Told {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs the command within this process, where its coverage is seen.
 *
 * @param world what it finds otherwise than this process would
 */
export async function inProcess(words: readonly string[], world: Partial<Io> = {}): Promise<Told> {
  let [out, err] = ['', ''];
  const status = await main(words, {
    ...processIo(),
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    colour: false,
    columns: 100,
    ...world,
  });
  return { status, out, err };
}
