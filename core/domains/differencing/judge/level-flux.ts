import { evaluatePolynomial } from '../match/image-match.ts';
import type { ScienceResponse, SpatialPsf } from '../model.ts';

/** An answer farther from one than this is no flux scale any more. */
export const SMALLEST_ANSWER = 0.5;

/**
 * Say what the fluxes of a cell have to be divided by: a polynomial over the image, of the profile's degree.
 *
 * A cell's filter knows the profile at its middle; a star where it is broader fills the filter less, by a percent or two in
 * a cell's corner. The filter's answer to the profile is linear in the profile's tables, hence a polynomial over the
 * image like the profile itself, and dividing by it is exact. The score does not change: signal and noise are
 * divided alike.
 *
 * @param sciencePsf what the cells were subtracted with; of degree 2 at most.
 */
export function answerOf(response: ScienceResponse, sciencePsf: SpatialPsf): readonly number[] {
  return sciencePsf.coefficients.map((table) => answerTo(response, table, sciencePsf.size));
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
