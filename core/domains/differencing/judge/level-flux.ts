import type { Plane } from '../../../kernels/index.ts';
import { evaluatePolynomial } from '../match/image-match.ts';
import type { ScienceResponse, SpatialPsf } from '../model.ts';

/** Planes that are levelled, and the tiles they were joined from. */
interface LevelledPlanes {
  readonly flux: Plane;
  readonly fluxErr: Plane;
  readonly tiles: readonly { readonly response: ScienceResponse }[];
}

/** An answer farther from one than this is no flux scale any more. */
const SMALLEST_ANSWER = 0.5;

/**
 * Bring the fluxes of every pixel to the profile at that pixel, in place.
 *
 * A tile's filter knows the profile at its middle; a star where it is broader fills the filter less, by a percent or two in
 * a tile's corner. The filter's answer to the profile is linear in the profile's tables, hence a polynomial over the
 * image like the profile itself, and dividing by it is exact. The score does not change: signal and noise are
 * divided alike.
 *
 * @param sciencePsf what the tiles were subtracted with; of degree 2 at most.
 * @returns for each tile the polynomial that its fluxes were divided by.
 */
export function levelFlux(
  { flux, fluxErr, tiles }: LevelledPlanes,
  sciencePsf: SpatialPsf,
): readonly (readonly number[])[] {
  const { width, height } = flux;
  return tiles.map(({ response }) => {
    const answer = sciencePsf.coefficients.map((table) => answerTo(response, table, sciencePsf.size));
    const [one, u1 = 0, v1 = 0, u2 = 0, uv = 0, v2 = 0] = answer;
    for (let y = response.y; y < response.y + response.height; y++) {
      const v = height > 1 ? (2 * y) / (height - 1) - 1 : 0;
      const constant = one + v1 * v + v2 * v * v;
      const slope = u1 + uv * v;
      for (let x = response.x; x < response.x + response.width; x++) {
        const u = width > 1 ? (2 * x) / (width - 1) - 1 : 0;
        const scale = 1 / Math.max(SMALLEST_ANSWER, constant + u * (slope + u * u2));
        flux.data[y * width + x] *= scale;
        fluxErr.data[y * width + x] *= scale;
      }
    }
    return answer;
  });
}

/** Give what a tile's fluxes at pixel (x, y) were divided by. */
export function answerAt(
  { answer }: ScienceResponse,
  x: number,
  y: number,
  width: number,
  height: number,
): number {
  return Math.max(SMALLEST_ANSWER, evaluatePolynomial(answer, x, y, width, height));
}

/** Flux in the middle pixel for light on the pixels around it. */
function answerTo(response: ScienceResponse, light: Float32Array, size: number): number {
  const offset = (response.size - size) / 2;
  let sum = 0;
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      // Read backwards: light at +d answers at the middle through the kernel at -d.
      const v = response.size - 1 - (j + offset);
      const u = response.size - 1 - (i + offset);
      if (u < 0 || v < 0 || u >= response.size || v >= response.size) continue;
      sum += response.flux[v * response.size + u] * light[j * size + i];
    }
  }
  return sum;
}
