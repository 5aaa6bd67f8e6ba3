import { projectTangent } from '../../core/domains/catalog/astrometry/project-tangent.ts';
import type { ReferenceStars } from '../../core/domains/catalog/index.ts';
import type { Source } from '../../core/domains/preprocessing/index.ts';
import { createRandom } from '../../core/utils/index.ts';
import { drawSources } from './draw-star-field.ts';

const RADIAN = Math.PI / 180;
const SLOPE = 0.28 * Math.LN10;

/** A square of sky with a catalogue. */
export interface SkyRegion {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly sideDeg: number;
  readonly stars: ReferenceStars;
}

/** An image of a region, as lists, and where it truly lies. */
export interface RegionImage {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly sources: readonly Source[];
  readonly raDeg: number;
  readonly decDeg: number;
  readonly scaleArcsec: number;
}

/** Draw a square of sky with so many stars a square degree down to magnitude 18. */
export function drawSkyRegion(seed: number, sideDeg: number, perDeg2: number): SkyRegion {
  const random = createRandom(seed);
  const raDeg = 360 * random.uniform();
  const decDeg = 60 * (2 * random.uniform() - 1);
  const count = Math.round(perDeg2 * sideDeg * sideDeg);
  const ra = new Float64Array(count);
  const dec = new Float64Array(count);
  const mag = new Float32Array(count);
  for (let k = 0; k < count; k++) {
    dec[k] = decDeg + sideDeg * (random.uniform() - 0.5);
    ra[k] = (raDeg + (sideDeg * (random.uniform() - 0.5)) / Math.cos(dec[k]! * RADIAN) + 360) % 360;
    mag[k] = Math.max(7, 18 + Math.log(1 - random.uniform()) / SLOPE);
  }
  return {
    raDeg,
    decDeg,
    sideDeg,
    stars: {
      count,
      epochYr: 2016,
      raDeg: ra,
      decDeg: dec,
      pmRaMasYr: new Float32Array(count),
      pmDecMasYr: new Float32Array(count),
      bands: [{ band: 'G', mag, magErr: new Float32Array(count).fill(0.01) }],
      isVariable: new Uint8Array(count),
      ids: Array.from({ length: count }, (_, k) => String(k)),
    },
  };
}

/** Take an image anywhere in a region: any rotation, parity, scale and depth; magnitudes in another band. */
export function takeImage(region: SkyRegion, seed: number): RegionImage {
  const random = createRandom(seed);
  const sizePx = Math.round(1000 + 1500 * random.uniform());
  const fieldDeg = 0.15 * 8 ** random.uniform();
  const scaleArcsec = (3600 * fieldDeg) / sizePx;
  const room = (region.sideDeg - 1.5 * fieldDeg) * (random.uniform() - 0.5);
  const decDeg = region.decDeg + room;
  const raDeg =
    region.raDeg + ((region.sideDeg - 1.5 * fieldDeg) * (random.uniform() - 0.5)) / Math.cos(decDeg * RADIAN);
  const angle = 2 * Math.PI * random.uniform();
  const flip = random.uniform() < 0.5 ? 1 : -1;
  const limit = 15.5 + 3 * random.uniform();
  const { stars } = region;
  const plane = projectTangent(stars.raDeg, stars.decDeg, { raDeg, decDeg, unitArcsec: 1 });
  const half = (sizePx - 1) / 2;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const reach = 3600 * fieldDeg;
  const drawn = Array.from(plane.x.keys())
    .filter((k) => Math.abs(plane.x[k]!) < reach && Math.abs(plane.y[k]!) < reach)
    .map((k) => ({
      xi: plane.x[k]!,
      eta: plane.y[k]!,
      mag: stars.bands[0]!.mag[k]! + 0.25 * random.normal(),
      colour: 0.8,
    }));
  const fromPlane = (xi: number, eta: number): readonly [number, number] => {
    const [p, q] = [xi / scaleArcsec, eta / scaleArcsec];
    return [flip * (cos * p + sin * q) + half, -sin * p + cos * q + half];
  };
  const sources = drawSources(drawn, fromPlane, { sizePx, limit, random });
  return { widthPx: sizePx, heightPx: sizePx, sources, raDeg: (raDeg + 360) % 360, decDeg, scaleArcsec };
}
