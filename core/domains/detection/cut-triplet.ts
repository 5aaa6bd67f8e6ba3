import type { Plane } from '../../kernels/index.ts';
import type { DetectionInput, Triplet } from './model.ts';
import { CUTOUT_SIZE_PX } from './model.ts';

/**
 * Cut science, template and difference around a position, all on the science flux scale.
 *
 * @param xPx,yPx position; the cutouts' middle is the nearest pixel.
 * @returns (3, 63, 63) e-, shared memory; NaN outside the image.
 */
export function cutTriplet(input: DetectionInput, xPx: number, yPx: number): Triplet {
  const size = CUTOUT_SIZE_PX;
  const data = new Float32Array(new SharedArrayBuffer(3 * size * size * 4)).fill(Number.NaN);
  const { difference, science, template } = input;
  const copy = (plane: Plane, layer: number, factor: number): void => {
    const x0 = Math.round(xPx) - (size - 1) / 2;
    const y0 = Math.round(yPx) - (size - 1) / 2;
    for (let j = Math.max(0, -y0); j < size && y0 + j < plane.height; j++) {
      for (let i = Math.max(0, -x0); i < size && x0 + i < plane.width; i++) {
        data[(layer * size + j) * size + i] = factor * plane.data[(y0 + j) * plane.width + x0 + i]!;
      }
    }
  };
  copy(science.science, 0, 1);
  copy(template.science, 1, difference.fluxRatio);
  copy(difference.difference, 2, 1);
  return { size, data };
}
