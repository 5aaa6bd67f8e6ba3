import type { Scratch } from '../../../kernels/index.ts';
import { type LoadedTile, NO_SKY, SPOILED } from '../zogy/load-tile.ts';

/**
 * Give every spoiled pixel of a tile a value that leaves no trace in the transform, in place.
 *
 * A transform spreads a single wrong pixel over the whole tile, so pixels are filled first and masked after:
 * - no sky in either image: zero in both;
 * - spoiled in one image: the other image plus what their good neighbours differ by;
 * - spoiled in both: the mean of each image's own good neighbours.
 * Stars that are known are taken off before neighbours are averaged and put back after: a column through a star's
 * core would otherwise cut the star in two.
 * The variance of a filled pixel is the neighbours' plus a tenth of the filled light, squared.
 *
 * @param rebuilt pixels that have their value already: 1 in the science image, 2 in the template, 3 in both.
 * @param stars light of known stars around spoiled pixels, e-, zero elsewhere; `undefined` where there is none.
 * @param fwhmPx of the broader image: neighbours have the weights of a Gaussian of that width.
 * @param skyVariance variances that empty sky gets, e-^2.
 * @param scratch lends what is needed on the way.
 */
export function fillSpoiled(
  tile: LoadedTile,
  rebuilt: Uint8Array,
  stars: StarLight,
  fwhmPx: number,
  skyVariance: { readonly science: number; readonly template: number },
  scratch: Scratch,
): void {
  const { width, height, scienceMask, templateMask } = tile;
  const science = tile.science.data;
  const template = tile.template.data;
  const scienceVariance = tile.scienceVariance.data;
  const templateVariance = tile.templateVariance.data;
  const planes = { science, template, scienceVariance, templateVariance };
  const bad = scratch.zeroBytes(width * height);
  const spoiled: number[] = [];
  for (const k of tile.spoiled) {
    if (((scienceMask[k] | templateMask[k]) & NO_SKY) !== 0) {
      science[k] = 0;
      template[k] = 0;
      scienceVariance[k] = skyVariance.science;
      templateVariance[k] = skyVariance.template;
      bad[k] = BOTH;
      continue;
    }
    if ((scienceMask[k] & SPOILED) !== 0) bad[k] |= SCIENCE;
    if ((templateMask[k] & SPOILED) !== 0) bad[k] |= TEMPLATE;
    bad[k] &= ~rebuilt[k];
    if (bad[k] !== 0) spoiled.push(k);
  }
  const neighbours = makeNeighbourhood(fwhmPx);
  // Only good pixels are looked at, so that it does not matter in which order bad ones are filled.
  for (const k of spoiled) {
    const seen = lookAround(planes, width, height, stars, bad, k, neighbours, skyVariance);
    const starsInScience = stars.science ? stars.science[k] : 0;
    const starsInTemplate = stars.template ? stars.template[k] : 0;
    if (bad[k] === SCIENCE) {
      science[k] = starsInScience + template[k] - starsInTemplate + seen.difference;
      scienceVariance[k] = seen.scienceVariance + (0.1 * science[k]) ** 2;
    } else if (bad[k] === TEMPLATE) {
      template[k] = starsInTemplate + science[k] - starsInScience - seen.difference;
      templateVariance[k] = seen.templateVariance + (0.1 * template[k]) ** 2;
    } else {
      science[k] = starsInScience + seen.science;
      template[k] = starsInTemplate + seen.template;
      scienceVariance[k] = seen.scienceVariance + (0.1 * science[k]) ** 2;
      templateVariance[k] = seen.templateVariance + (0.1 * template[k]) ** 2;
    }
  }
}

/** Light of stars in both images of a tile, e-. */
export interface StarLight {
  readonly science: Float32Array | undefined;
  readonly template: Float32Array | undefined;
}

/** Which image a pixel is bad in, as in `rebuilt`. */
const SCIENCE = 1;
const TEMPLATE = 2;
const BOTH = SCIENCE | TEMPLATE;

/** Pixels around a place, nearest first, in rings. */
interface Neighbourhood {
  readonly dx: Int32Array;
  readonly dy: Int32Array;
  readonly weight: Float64Array;
  /** Where each ring ends in the lists. */
  readonly ends: readonly number[];
  readonly radius: number;
}

/** Neighbours sorted by distance; the Gaussian has a wide foot, so that a large hole still finds its rim. */
function makeNeighbourhood(fwhmPx: number): Neighbourhood {
  const reachPx = Math.max(1, fwhmPx / 2.3548);
  const radius = Math.max(6, Math.ceil(6 * reachPx));
  const neighbours: { dx: number; dy: number; weight: number; ring: number }[] = [];
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) {
      const distance = Math.hypot(dx, dy);
      if (distance === 0 || distance > radius) continue;
      const weight = Math.exp(-(distance ** 2) / (2 * reachPx ** 2)) + 1e-4 / (1 + distance) ** 3;
      neighbours.push({ dx, dy, weight, ring: Math.floor(distance / Math.max(1, reachPx)) });
    }
  }
  neighbours.sort((a, b) => a.ring - b.ring);
  const ends = neighbours.flatMap(({ ring }, i) => (neighbours[i + 1]?.ring === ring ? [] : [i + 1]));
  return {
    dx: Int32Array.from(neighbours, ({ dx }) => dx),
    dy: Int32Array.from(neighbours, ({ dy }) => dy),
    weight: Float64Array.from(neighbours, ({ weight }) => weight),
    ends,
    radius,
  };
}

/** Good neighbours of the first rings are enough when so many were seen. */
const ENOUGH_NEIGHBOURS = 12;

/** Mean of the good neighbours, ring by ring outwards until enough were seen. */
function lookAround(
  planes: {
    readonly science: Float32Array;
    readonly template: Float32Array;
    readonly scienceVariance: Float32Array;
    readonly templateVariance: Float32Array;
  },
  width: number,
  height: number,
  stars: StarLight,
  bad: Uint8Array,
  at: number,
  { dx, dy, weight, ends, radius }: Neighbourhood,
  sky: { readonly science: number; readonly template: number },
) {
  const x = at % width;
  const y = Math.floor(at / width);
  const isInside = x >= radius && y >= radius && x < width - radius && y < height - radius;
  const { science, template, scienceVariance, templateVariance } = planes;
  const { science: scienceStars, template: templateStars } = stars;
  let n = 0;
  let nw = 0;
  let nv = 0;
  let r = 0;
  let rw = 0;
  let rv = 0;
  let d = 0;
  let dw = 0;
  let found = 0;
  for (let ring = 0, i = 0; ring < ends.length && found < ENOUGH_NEIGHBOURS; ring++) {
    for (const end = ends[ring]; i < end; i++) {
      if (!isInside && (x + dx[i] < 0 || x + dx[i] >= width || y + dy[i] < 0 || y + dy[i] >= height))
        continue;
      const k = at + dy[i] * width + dx[i];
      const badness = bad[k];
      // In the middle of a large hole most neighbours are as bad.
      if (badness === BOTH) continue;
      const w = weight[i];
      const light = scienceStars ? science[k] - scienceStars[k] : science[k];
      const reference = templateStars ? template[k] - templateStars[k] : template[k];
      if (badness !== SCIENCE) {
        n += w * light;
        nv += w * scienceVariance[k];
        nw += w;
      }
      if (badness !== TEMPLATE) {
        r += w * reference;
        rv += w * templateVariance[k];
        rw += w;
      }
      if (badness === 0) {
        d += w * (light - reference);
        dw += w;
        found++;
      }
    }
  }
  return {
    science: nw > 0 ? n / nw : 0,
    template: rw > 0 ? r / rw : 0,
    difference: dw > 0 ? d / dw : 0,
    scienceVariance: nw > 0 ? nv / nw : sky.science,
    templateVariance: rw > 0 ? rv / rw : sky.template,
  };
}
