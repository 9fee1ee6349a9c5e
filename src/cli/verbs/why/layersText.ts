import type { Layer } from '../../../explain/layers/layer.js';
import type { Io } from '../../io/io.js';
import { paint, wrap } from '../../output/paint.js';

const NAME = 15;
const ANSWER = 9;
const INDENT = ' '.repeat(2 + NAME + 3 + ANSWER + 1);

/** Who is asked about the call, one line each; nothing where the filter is the only one. */
export function layerLines(layers: readonly Layer[] | undefined, io: Io): readonly string[] {
  if (layers === undefined || layers.length < 2) return [];
  const colours = paint(io);
  return [
    '',
    colours.bold('Layers, in the order in which they are asked'),
    ...layers.map(({ layer, verdict, errno, detail, when, source }) => {
      const sign =
        verdict === 'denies'
          ? colours.red('✗')
          : verdict === 'passes'
            ? colours.green('✓')
            : colours.yellow('?');
      const answer =
        verdict === 'passes' ? 'passes' : (errno ?? (verdict === 'denies' ? 'hidden' : 'may deny'));
      const condition = when === undefined ? '' : `, if ${when}`;
      const cited = source === undefined ? '' : ` ${colours.dim(`(${source})`)}`;
      return `  ${colours.cyan(layer.padEnd(NAME))} ${sign} ${answer.padEnd(ANSWER)} ${wrap(`${detail}${condition}${cited}`, io.columns, INDENT)}`;
    }),
  ];
}
