import { skyToPixels, type Wcs } from '../observations/index.ts';
import { createNearestFinder, type Source } from '../preprocessing/index.ts';
import type { ReferenceStars } from './model.ts';

/** Pairs of one source and one reference star, each the nearest of the other: indices into both lists. */
export interface SkyPairs {
  readonly sources: readonly number[];
  readonly stars: readonly number[];
}

/** Pair sources with the reference stars that a WCS puts on them, within a tolerance. */
export function pairBySky(
  wcs: Wcs,
  sources: readonly Source[],
  stars: ReferenceStars,
  tolerancePx: number,
): SkyPairs {
  const placed = skyToPixels(wcs, stars.raDeg, stars.decDeg);
  const inReach = Array.from({ length: stars.count }, (_, k) => k).filter((k) =>
    Number.isFinite(placed.xPx[k]! + placed.yPx[k]!),
  );
  if (sources.length === 0 || inReach.length === 0) return { sources: [], stars: [] };
  const starFinder = createNearestFinder({
    x: Float64Array.from(inReach, (k) => placed.xPx[k]!),
    y: Float64Array.from(inReach, (k) => placed.yPx[k]!),
  });
  const sourceFinder = createNearestFinder({
    x: Float64Array.from(sources, ({ xPx }) => xPx),
    y: Float64Array.from(sources, ({ yPx }) => yPx),
  });
  const pairs = sources.flatMap(({ xPx, yPx }, at): [number, number][] => {
    const found = starFinder.nearest(xPx, yPx, tolerancePx);
    if (found < 0) return [];
    const back = sourceFinder.nearest(starFinder.x[found]!, starFinder.y[found]!, tolerancePx);
    return back === at ? [[at, inReach[found]!]] : [];
  });
  return { sources: pairs.map(([source]) => source), stars: pairs.map(([, star]) => star) };
}
