import { createNearestFinder } from '../preprocessing/index.ts';
import type { CatalogKind, ReferenceStars } from './model.ts';
import { chooseBand } from './photometry/index.ts';

/** A place on the sky, degrees ICRS. */
export interface SkyPlace {
  readonly raDeg: number;
  readonly decDeg: number;
}

/** What the stars of a catalogue say of places. */
export interface ColourMatch {
  /** `g - r`. */
  readonly colourName: string;
  /** Of the magnitudes: `r`. */
  readonly band: string;
  /** Of each place's star, mag; NaN where none is near or it was not measured. */
  readonly colour: Float64Array;
  readonly mag: Float64Array;
}

/**
 * Give places the colour and the magnitude of the catalogue's star that they lie on.
 *
 * The nearest star within the tolerance, on a plane that touches the sky at the first place: for places of one field.
 *
 * @returns `undefined` where the catalogue measures fewer than two bands.
 */
export function matchColours(
  places: readonly SkyPlace[],
  stars: ReferenceStars,
  toleranceArcsec: number,
): ColourMatch | undefined {
  const chosen = chooseBand(stars, kindOf(stars), undefined);
  if (chosen?.colour === undefined || chosen.colourName === undefined) return undefined;
  const [origin] = places;
  const colour = new Float64Array(places.length).fill(Number.NaN);
  const mag = new Float64Array(places.length).fill(Number.NaN);
  const { colourName, band } = chosen;
  if (origin === undefined || stars.count === 0) return { colourName, band, colour, mag };
  const scale = 3600 * Math.cos((origin.decDeg * Math.PI) / 180);
  const acrossArcsec = (raDeg: number): number => (((raDeg - origin.raDeg + 540) % 360) - 180) * scale;
  const finder = createNearestFinder({
    x: Float64Array.from(stars.raDeg, acrossArcsec),
    y: Float64Array.from(stars.decDeg, (decDeg) => (decDeg - origin.decDeg) * 3600),
  });
  for (const [k, { raDeg, decDeg }] of places.entries()) {
    const star = finder.nearest(acrossArcsec(raDeg), (decDeg - origin.decDeg) * 3600, toleranceArcsec);
    if (star < 0) continue;
    colour[k] = chosen.colour[star]!;
    mag[k] = chosen.mag[star]!;
  }
  return { colourName, band, colour, mag };
}

/** Gaia's bands are its own; all others speak for themselves. */
function kindOf({ bands }: ReferenceStars): CatalogKind {
  return bands.some(({ band }) => band === 'BP') ? 'gaia' : 'plain';
}
