import type { Plane } from '../../kernels/index.ts';
import type { Footprint } from './find-footprints.ts';

/** A local extremum of the score image that stands for one detection. */
export interface Peak {
  readonly xPx: number;
  readonly yPx: number;
  /** Signed, sigma. */
  readonly score: number;
  readonly footprint: Footprint;
  /** Peaks kept in the same footprint, this one included. */
  readonly siblings: number;
}

export interface PeakRules {
  readonly thresholdSigma: number;
  readonly wingFraction: number;
  readonly saddleFraction: number;
  readonly fwhmPx: number;
}

/**
 * Find the peaks of a footprint, strongest first.
 *
 * A fainter peak is kept only if it is separate: not in the wings of a stronger one (any sign, within 3 FWHM),
 * and, for peaks of one sign, divided from it by a saddle.
 */
export function findPeaks(score: Plane, footprint: Footprint, rules: PeakRules): readonly Peak[] {
  const { width } = score;
  const maxima = footprint.core.filter((i) => isExtremum(score, i));
  const ordered = Array.from(maxima).sort((a, b) => Math.abs(score.data[b]!) - Math.abs(score.data[a]!));
  const kept: number[] = [];
  for (const i of ordered) {
    if (kept.every((stronger) => isSeparate(score, i, stronger, rules))) kept.push(i);
  }
  return kept.map((i) => ({
    xPx: i % width,
    yPx: Math.floor(i / width),
    score: score.data[i]!,
    footprint,
    siblings: kept.length,
  }));
}

function isExtremum({ width, height, data }: Plane, i: number): boolean {
  const value = Math.abs(data[i]!);
  const sign = Math.sign(data[i]!);
  const x = i % width;
  const y = (i - x) / width;
  for (let py = Math.max(0, y - 1); py <= Math.min(height - 1, y + 1); py++) {
    for (let px = Math.max(0, x - 1); px <= Math.min(width - 1, x + 1); px++) {
      const j = py * width + px;
      const other = data[j]! * sign;
      // Of equal neighbours only the first counts.
      if (other > value || (other === value && j < i)) return false;
    }
  }
  return true;
}

function isSeparate(score: Plane, i: number, stronger: number, rules: PeakRules): boolean {
  const { width, data } = score;
  const x = i % width;
  const y = Math.floor(i / width);
  const dx = (stronger % width) - x;
  const dy = Math.floor(stronger / width) - y;
  const distance = Math.hypot(dx, dy);
  const own = Math.abs(data[i]!);
  const sameSign = Math.sign(data[i]!) === Math.sign(data[stronger]!);
  if (distance < 3 * rules.fwhmPx && own < rules.wingFraction * Math.abs(data[stronger]!)) return false;
  if (!sameSign) return true;
  if (distance < 0.7 * rules.fwhmPx) return false;
  const sign = Math.sign(data[i]!);
  const steps = Math.ceil(distance);
  let saddle = own;
  for (let k = 1; k < steps; k++) {
    const px = Math.round(x + (dx * k) / steps);
    const py = Math.round(y + (dy * k) / steps);
    saddle = Math.min(saddle, data[py * width + px]! * sign);
  }
  // One sigma is noise, whatever the peak.
  return own - saddle > Math.max(1.5, rules.saddleFraction * own);
}
