import { evaluateEfficiency } from './fit-efficiency.ts';
import type { EfficiencyCurve, Estimate, GroupCompleteness, RecoveredInjection } from './model.ts';

/** Gives an injected star's magnitude. */
type MagnitudeOf = (star: RecoveredInjection) => number;

/** Parts of an image differ from the whole by about this part of the whole's S/N limit; a few by much more (Student's t). */
const SCATTER = 0.1;
const FREEDOM = 4;
/** How far a part's limit is looked for, as a factor on the whole's. */
const FARTHEST = 8;
const STEPS = 400;

/**
 * Tell the completeness of a few injections by moving the whole image's curve along the S/N axis.
 *
 * A dozen stars cannot shape a curve; they can move one. The factor by which it moves has a prior about one (in its
 * logarithm), so that a part of which nothing is known has the whole's limit, and one where everything was
 * missed has its own. Magnitudes follow from the S/N by the noise of the part's own stars.
 */
export function describeGroup(
  stars: readonly RecoveredInjection[],
  whole: EfficiencyCurve,
  magnitudeOf: MagnitudeOf,
): GroupCompleteness {
  const found = stars.filter(({ outcome }) => outcome === 'doubted' || outcome === 'found').length;
  const move = findMove(stars, whole);
  const moved = (limit: Estimate | undefined): Estimate | undefined =>
    limit && {
      value: limit.value * move.value,
      error: Math.hypot(limit.error * move.value, limit.value * move.error),
    };
  const snr50 = moved(whole.at50);
  const snr90 = moved(whole.at90);
  return {
    injected: stars.length,
    found,
    snr50,
    snr90,
    mag50: snr50 && magnitudeAt(stars, snr50.value, magnitudeOf),
    mag90: snr90 && magnitudeAt(stars, snr90.value, magnitudeOf),
  };
}

/** Posterior mean and sigma of the factor on the S/N axis, on a grid of its logarithm. */
function findMove(stars: readonly RecoveredInjection[], whole: EfficiencyCurve): Estimate {
  const reach = Math.log(FARTHEST);
  let highest = Number.NEGATIVE_INFINITY;
  const logs = Array.from({ length: STEPS + 1 }, (_, k) => {
    const log = (2 * k * reach) / STEPS - reach;
    const factor = Math.exp(log);
    let sum = (-(FREEDOM + 1) / 2) * Math.log(1 + (log / SCATTER) ** 2 / FREEDOM);
    for (const { snr, outcome } of stars) {
      const p = Math.min(1 - 1e-4, Math.max(1e-4, evaluateEfficiency(whole, snr / factor, true)));
      sum += Math.log(outcome === 'doubted' || outcome === 'found' ? p : 1 - p);
    }
    highest = Math.max(highest, sum);
    return { log, sum };
  });
  let weight = 0;
  let first = 0;
  let second = 0;
  for (const { log, sum } of logs) {
    const w = Math.exp(sum - highest);
    weight += w;
    first += w * log;
    second += w * log * log;
  }
  const mean = first / weight;
  const value = Math.exp(mean);
  return { value, error: value * Math.sqrt(Math.max(0, second / weight - mean * mean)) };
}

/** Magnitudes of one e-fold in flux. */
const MAG_PER_E_FOLD = 2.5 * Math.LOG10E;

/** Magnitude of a star of this S/N where the noise is as beneath the group's stars. */
function magnitudeAt(
  stars: readonly RecoveredInjection[],
  snr: number,
  magnitudeOf: MagnitudeOf,
): number | undefined {
  if (stars.length === 0) return undefined;
  // With its own photons a star's flux grows a little faster than its S/N: the stars themselves tell how fast.
  const points = stars.map((star) => ({ x: Math.log(star.snr), y: magnitudeOf(star) }));
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const xx = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const xy = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0);
  const fitted = points.length >= 5 && xx > 0 ? -xy / xx : MAG_PER_E_FOLD;
  const slope = Math.min(2 * MAG_PER_E_FOLD, Math.max(MAG_PER_E_FOLD, fitted));
  return meanY - slope * (Math.log(snr) - meanX);
}
