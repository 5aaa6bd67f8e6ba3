import KDBush from 'kdbush';
import type { Marker, Point } from './model.ts';

/** Shorter lists are looked through faster than they are indexed. */
const INDEXED_FROM = 1000;

/** Indexes of long lists: a list is not changed, another list is another array. */
const indexes = new WeakMap<readonly object[], KDBush>();

/**
 * Find the marker nearest to a place.
 *
 * A long list is indexed when it is first asked (a hundred thousand take about 20 ms), then answers in microseconds.
 *
 * @param markers not changed afterwards.
 * @param reach   how far away it may be, image pixels.
 */
export function findMarker<M extends Pick<Marker, 'x' | 'y'>>(
  markers: readonly M[],
  place: Point,
  reach: number,
): M | undefined {
  if (markers.length < INDEXED_FROM) return nearestOf(markers, place, reach);
  const near = indexOf(markers).within(place.x, place.y, reach);
  return nearestOf(
    near.map((i) => markers[i]!),
    place,
    reach,
  );
}

function indexOf<M extends Pick<Marker, 'x' | 'y'>>(markers: readonly M[]): KDBush {
  const known = indexes.get(markers);
  if (known !== undefined) return known;
  const index = new KDBush(markers.length);
  for (const { x, y } of markers) index.add(x, y);
  indexes.set(markers, index.finish());
  return index;
}

function nearestOf<M extends Pick<Marker, 'x' | 'y'>>(
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
