import { fillPixels, Lack, type Neighbourhood, type Scratch } from '../../../kernels/index.ts';
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
 * @param tile its planes in an arena.
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
  const { spoiled, scienceMask, templateMask } = tile;
  const lacks = scratch.bytes(spoiled.length);
  for (let i = 0; i < spoiled.length; i++) {
    const k = spoiled[i];
    const [inScience, inTemplate] = [scienceMask[k], templateMask[k]];
    lacks[i] =
      ((inScience | inTemplate) & NO_SKY) !== 0
        ? Lack.Nothing
        : (((inScience & SPOILED) !== 0 ? Lack.Science : 0) |
            ((inTemplate & SPOILED) !== 0 ? Lack.Template : 0)) &
          ~rebuilt[k];
  }
  fillPixels(planesOf(tile), { pixels: spoiled, lacks }, stars, makeNeighbourhood(fwhmPx), skyVariance);
}

const planesOf = ({ science, template, scienceVariance, templateVariance }: LoadedTile) => ({
  science,
  template,
  scienceVariance,
  templateVariance,
});

/** Light of stars in both images of a tile, e-. */
export interface StarLight {
  readonly science: Float32Array | undefined;
  readonly template: Float32Array | undefined;
}

/** Good neighbours of the first rings are enough when so many were seen. */
const ENOUGH_NEIGHBOURS = 12;

/** Neighbours in rings, nearest first; the Gaussian has a wide foot, so that a large hole still finds its rim. */
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
  return {
    dx: neighbours.map(({ dx }) => dx),
    dy: neighbours.map(({ dy }) => dy),
    weight: neighbours.map(({ weight }) => weight),
    ends: neighbours.flatMap(({ ring }, i) => (neighbours[i + 1]?.ring === ring ? [] : [i + 1])),
    radius,
    enough: ENOUGH_NEIGHBOURS,
  };
}
