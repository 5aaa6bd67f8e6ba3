import type { Plane } from '../../../kernels/index.ts';
import { evaluatePolynomial } from '../match/image-match.ts';
import type { ScienceResponse, SpatialPsf } from '../model.ts';

/** Planes that are levelled, and the parts with one filter each. */
interface LevelledPlanes {
  readonly score: Plane;
  readonly fluxErr: Plane;
  /** Not needed any more: the fluxes take its place. */
  readonly shared: Plane;
  readonly cells: readonly { readonly response: ScienceResponse }[];
}

/** An answer farther from one than this is no flux scale any more. */
const SMALLEST_ANSWER = 0.5;

/**
 * Bring the errors of fluxes to the profile at each pixel, in place, and make the fluxes: score times error.
 *
 * A cell's filter knows the profile at its middle; a star where it is broader fills the filter less, by a percent or two in
 * a cell's corner. The filter's answer to the profile is linear in the profile's tables, hence a polynomial over the
 * image like the profile itself, and dividing by it is exact. The score does not change: signal and noise are
 * divided alike.
 *
 * @param sciencePsf what the cells were subtracted with; of degree 2 at most.
 * @returns the fluxes, e-, where the shared light was; and for each cell the polynomial that they were divided by.
 */
export function levelFlux(
  { score, fluxErr, shared, cells }: LevelledPlanes,
  sciencePsf: SpatialPsf,
): { readonly flux: Plane; readonly answers: readonly (readonly number[])[] } {
  const { width, height } = fluxErr;
  const [scores, errors, fluxes] = [score.data, fluxErr.data, shared.data];
  const answers = cells.map(({ response }) => {
    const answer = sciencePsf.coefficients.map((table) => answerTo(response, table, sciencePsf.size));
    const [one, u1 = 0, v1 = 0, u2 = 0, uv = 0, v2 = 0] = answer;
    for (let y = response.y; y < response.y + response.height; y++) {
      const v = height > 1 ? (2 * y) / (height - 1) - 1 : 0;
      const constant = one + v1 * v + v2 * v * v;
      const slope = u1 + uv * v;
      const first = y * width + response.x;
      const end = first + response.width;
      if (slope === 0 && u2 === 0) {
        // Where the profile is the same along the row, so is the answer: a division a pixel costs more than all else.
        const scale = 1 / Math.max(SMALLEST_ANSWER, constant);
        for (let k = first; k < end; k++) {
          errors[k] *= scale;
          fluxes[k] = scores[k] * errors[k];
        }
        continue;
      }
      for (let x = response.x, k = first; k < end; x++, k++) {
        const u = width > 1 ? (2 * x) / (width - 1) - 1 : 0;
        const scale = 1 / Math.max(SMALLEST_ANSWER, constant + u * (slope + u * u2));
        errors[k] *= scale;
        fluxes[k] = scores[k] * errors[k];
      }
    }
    return answer;
  });
  return { flux: shared, answers };
}

/** Give what a cell's fluxes at pixel (x, y) were divided by. */
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
