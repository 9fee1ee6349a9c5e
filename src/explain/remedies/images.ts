import { distros } from '../../engine/bundles.js';
import { compareVersions } from '../../versions.js';
import type { Answer, Question } from '../answer.js';
import type { FilterPrediction } from '../predict.js';
import { reactionsOf } from './betterAnswer.js';
import type { Candidate } from './candidate.js';

/** Images whose C library does not make the calls yet; only where a C library is what fails. */
export function imageCandidates(
  before: FilterPrediction,
  questions: readonly Question[],
  was: readonly Answer[],
): readonly Candidate[] {
  const since = questions.map((question, index) => {
    const verdict = was[index]?.verdict;
    const failing = (verdict === undefined ? [] : reactionsOf(verdict, question)).filter(
      ({ copes }) => !copes,
    );
    const [glibc] = failing.filter(({ program }) => program === 'glibc');
    return failing.length === 1 ? glibc?.since : undefined;
  });
  const oldest = since.reduce((least, version) =>
    least === undefined || version === undefined
      ? undefined
      : compareVersions(version, least) < 0
        ? version
        : least,
  );
  if (oldest === undefined) return [];
  const images = distros.flatMap(({ distro, version, libc }) => {
    const glibc = /^glibc (\d+\.\d+)/.exec(libc ?? '')?.[1];
    return glibc !== undefined && compareVersions(glibc, oldest) < 0
      ? [`${distro} ${version} (glibc ${glibc})`]
      : [];
  });
  if (images.length === 0) return [];
  return [
    {
      kind: 'image',
      title: `an image with a glibc older than ${oldest}, which does not make the call: ${images.join(', ')}`,
      change: { kind: 'image', images },
      after: before,
    },
  ];
}
