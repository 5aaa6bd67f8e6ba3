import { type AssociationConfig, DEFAULT_ASSOCIATION_CONFIG } from './config.ts';
import { separationArcsec } from './measure-place.ts';
import type { MeasuredPlace } from './model.ts';

/** A detection that may be one of an object. */
interface Pairing {
  readonly detection: number;
  readonly object: number;
  /** Separation over the error of both positions together. */
  readonly sigma: number;
}

/**
 * Find for each detection of one image the sky object that it is one more sight of.
 *
 * A detection and an object belong together when they lie within `maxSigma` of both errors, and within `maxFwhm` of
 * the image. The likeliest pairs are joined first, and one image shows an object once: so the answer depends
 * neither on the order of the detections nor on that of the objects, but for ties. Positions alone decide; what
 * moves from image to image becomes an object each time.
 *
 * @param fwhmArcsec of the image.
 * @returns for each detection the index of its object, or `undefined` for one that nobody has seen yet.
 */
export function associateDetections(
  detections: readonly MeasuredPlace[],
  objects: readonly MeasuredPlace[],
  fwhmArcsec: number,
  config: AssociationConfig = DEFAULT_ASSOCIATION_CONFIG,
): readonly (number | undefined)[] {
  const reachArcsec = config.maxFwhm * fwhmArcsec;
  const byDec = objects.map((_, k) => k).sort((a, b) => objects[a]!.decDeg - objects[b]!.decDeg);
  const pairings: Pairing[] = [];
  for (const [detection, place] of detections.entries()) {
    const reachDeg = reachArcsec / 3600;
    for (let at = firstAbove(byDec, objects, place.decDeg - reachDeg); at < byDec.length; at++) {
      const object = byDec[at]!;
      const other = objects[object]!;
      if (other.decDeg > place.decDeg + reachDeg) break;
      const arcsec = separationArcsec(place, other);
      const sigma = arcsec / Math.hypot(place.positionErrArcsec, other.positionErrArcsec);
      if (arcsec <= reachArcsec && sigma <= config.maxSigma) pairings.push({ detection, object, sigma });
    }
  }
  pairings.sort((a, b) => a.sigma - b.sigma || a.detection - b.detection || a.object - b.object);
  const found: (number | undefined)[] = detections.map(() => undefined);
  const taken = new Set<number>();
  for (const { detection, object } of pairings) {
    if (found[detection] !== undefined || taken.has(object)) continue;
    found[detection] = object;
    taken.add(object);
  }
  return found;
}

function firstAbove(byDec: readonly number[], objects: readonly MeasuredPlace[], decDeg: number): number {
  let low = 0;
  let high = byDec.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (objects[byDec[middle]!]!.decDeg < decDeg) low = middle + 1;
    else high = middle;
  }
  return low;
}
