import type { DetectionConfig } from './config.ts';
import { findAllPeaks, makeContext, measureDetection, type WholeFacts } from './detect-on-difference.ts';
import type { Detection, DetectionInput } from './model.ts';

/**
 * Find and measure what changed near a place, as `detectOnDifference` would.
 *
 * @param input a part of a pair that reaches at least 64 px and 8 FWHM beyond the radius, or to the image's edge.
 * @param whole what the whole difference told; its streaks in the part's pixels.
 * @returns strongest first.
 */
export function detectNear(
  input: DetectionInput,
  whole: WholeFacts,
  place: { readonly xPx: number; readonly yPx: number; readonly radiusPx: number },
  config: DetectionConfig,
): readonly Detection[] {
  // The peak's pixel is up to a pixel from the position that is measured.
  const reach = place.radiusPx + 2;
  const peaks = findAllPeaks(input, config).filter(
    (peak) => Math.hypot(peak.xPx - place.xPx, peak.yPx - place.yPx) <= reach,
  );
  if (peaks.length === 0) return [];
  const context = makeContext(input, config, whole, {});
  return peaks
    .map((peak) => measureDetection(context, peak))
    .filter(({ xPx, yPx }) => Math.hypot(xPx - place.xPx, yPx - place.yPx) <= place.radiusPx);
}
