import type { Plane } from '../../kernels/index.ts';
import type { TaskContext } from '../../utils/index.ts';
import { boxAround, type Part, partOfPlane } from '../observations/index.ts';
import type { DetectionInput, Triplet } from './model.ts';
import { CUTOUT_SIZE_PX } from './model.ts';

/**
 * Cut science, template and difference around a position, all on the science flux scale.
 *
 * @param xPx,yPx position; the cutouts' middle is the nearest pixel.
 * @returns (3, 63, 63) e-, shared memory; NaN outside the image.
 */
export function cutTriplet(
  input: DetectionInput,
  xPx: number,
  yPx: number,
  context: TaskContext = {},
): Triplet {
  const size = CUTOUT_SIZE_PX;
  const data = new Float32Array(new SharedArrayBuffer(3 * size * size * 4)).fill(Number.NaN);
  const { difference, science, template } = input;
  const { width, height } = difference.difference;
  const half = (size - 1) / 2;
  const [x0, y0] = [Math.round(xPx) - half, Math.round(yPx) - half];
  const box = boxAround(x0 + half, y0 + half, half, width, height);
  const copy = (plane: Plane & Part, layer: number, factor: number): void => {
    for (let y = box.y; y < box.y + box.height; y++) {
      const to = (layer * size + y - y0) * size - x0;
      const from = (y - plane.bottom) * plane.width - plane.left;
      for (let x = box.x; x < box.x + box.width; x++) data[to + x] = factor * plane.data[from + x]!;
    }
  };
  copy(partOfPlane(science.science, box, context), 0, 1);
  copy(partOfPlane(template.science, box, context), 1, difference.fluxRatio);
  copy({ ...difference.difference, left: 0, bottom: 0 }, 2, 1);
  return { size, data };
}
