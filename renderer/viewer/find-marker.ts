import type { Marker, Point } from './model.ts';

/**
 * Find the marker nearest to a place.
 *
 * @param reach how far away it may be, image pixels.
 */
export function findMarker<M extends Pick<Marker, 'x' | 'y'>>(
  markers: readonly M[],
  place: Point,
  reach: number,
): M | undefined {
  let nearest: M | undefined;
  let shortest = reach;
  for (const marker of markers) {
    const distance = Math.hypot(marker.x - place.x, marker.y - place.y);
    if (distance > shortest) continue;
    shortest = distance;
    nearest = marker;
  }
  return nearest;
}
