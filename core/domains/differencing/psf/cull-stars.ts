import { median } from '../robust-statistics.ts';
import { oddSize } from './gather-stars.ts';
import { judgeStar, type StarVerdict } from './judge-star.ts';
import { cutStar, type Scene, starsOf } from './model-scene.ts';

/** Widths of single stars agree with the profile's to this fraction, and their light to this one, where noise allows. */
const SAME_WIDTH = 0.015;
const SAME_LIGHT = 0.02;

/**
 * Demote to neighbours the profile stars that do not look like the profile; at least five or half of them stay.
 *
 * @returns how many were demoted.
 */
export function cullStars(scene: Scene): number {
  const indices = starsOf(scene, 'profile');
  const verdicts = indices.map((k) => judge(scene, k));
  const odd = oddWidths(verdicts);
  const misfits = verdicts.map((verdict) => verdict.excess / verdict.power);
  // Bright stars tell how well the profile fits at best.
  const typical = median(
    misfits.filter((_, i) => verdicts[i].excessErr < SAME_LIGHT ** 2 * verdicts[i].power),
  );
  const allowed = Math.max(SAME_LIGHT, 3 * Math.sqrt(Math.max(0, typical || 0))) ** 2;
  const badness = indices.map((k, i) => {
    if (!(scene.stars[k].flux > 0)) return Number.POSITIVE_INFINITY;
    const misfit = misfits[i] / (allowed + (3 * verdicts[i].excessErr) / verdicts[i].power);
    return Math.max(odd[i] / 3, misfit);
  });
  const minimum = Math.max(5, Math.ceil(indices.length / 2));
  const ranked = indices.map((_, i) => i).sort((a, b) => badness[a] - badness[b]);
  let demoted = 0;
  ranked.forEach((i, rank) => {
    if (badness[i] === Number.POSITIVE_INFINITY || (rank >= minimum && badness[i] > 1)) {
      scene.stars[indices[i]] = { ...scene.stars[indices[i]], role: 'neighbour' };
      demoted++;
    }
  });
  return demoted;
}

/** How many sigma each star's width is off the middle of all. */
export function oddWidths(verdicts: readonly StarVerdict[]): readonly number[] {
  const widths = verdicts.map((verdict) => verdict.widthExcess);
  const middle = median(widths);
  const pulls = widths.map(
    (width, i) => Math.abs(width - middle) / Math.hypot(SAME_WIDTH, verdicts[i].widthErr),
  );
  const stretch = Math.max(1, median(pulls) / 0.6745);
  return pulls.map((pull) => pull / stretch);
}

// Stamps of one star after the other.
let room = new Float64Array(0);

/** Compare one star of a scene with the profile within 1.5 FWHM. */
export function judge(scene: Scene, index: number): StarVerdict {
  const { fwhmPx } = scene.model;
  const largest = oddSize(1.5 * fwhmPx + 1);
  if (room.length < 2 * largest * largest) room = new Float64Array(2 * largest * largest);
  const stamp = cutStar(scene, index, largest, room);
  const star = scene.stars[index];
  return judgeStar(stamp, scene.profiles[index], star, 1.5 * fwhmPx, star.size);
}

/** Light of a star that neither noise nor the profile explains, as a fraction: blends weigh less the worse they fit. */
export function misfit(verdict: StarVerdict): number {
  return Math.sqrt(Math.max(0, verdict.excess - verdict.excessErr) / verdict.power);
}
