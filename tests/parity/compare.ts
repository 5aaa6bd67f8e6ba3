import type { Plane } from '../../core/kernels/index.ts';
import { fingerprint } from './images.ts';

/** Make sure that a golden was made from the image at hand. */
export function checkFingerprint(name: string, image: Plane, wanted: number): void {
  const found = fingerprint(image);
  // Sums of single-precision pixels in two orders differ in their last digits.
  if (Math.abs(found - wanted) <= 1e-9 * Math.abs(wanted)) return;
  throw new Error(
    `The golden of "${name}" was made from another image (${wanted}, not ${found}): ` +
      'make it again with `npm run parity -- --live --write`.',
  );
}

/**
 * Find for each position the nearest of some places, each place taken once, the nearest pairs first.
 *
 * @param reach px; further is no match.
 */
export function matchNearest(
  positions: { readonly x: readonly number[]; readonly y: readonly number[] },
  places: readonly { readonly x: number; readonly y: number }[],
  reach: number,
): (number | undefined)[] {
  const pairs: { readonly i: number; readonly j: number; readonly distance: number }[] = [];
  for (let i = 0; i < positions.x.length; i++) {
    for (let j = 0; j < places.length; j++) {
      const distance = Math.hypot(places[j]!.x - positions.x[i]!, places[j]!.y - positions.y[i]!);
      if (distance <= reach) pairs.push({ i, j, distance });
    }
  }
  pairs.sort((a, b) => a.distance - b.distance);
  const matches: (number | undefined)[] = new Array(positions.x.length).fill(undefined);
  const taken = new Set<number>();
  for (const { i, j } of pairs) {
    if (matches[i] !== undefined || taken.has(j)) continue;
    matches[i] = j;
    taken.add(j);
  }
  return matches;
}
