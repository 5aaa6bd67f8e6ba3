import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { listMarked } from '../../kernels/index.ts';
import { MaskBit } from '../observations/index.ts';

const HALF_BOX = 2;

/**
 * Give pixels that hold no light a value, in place: zero where there are no data, the mean of the good pixels within
 * two of them where the detector is bad.
 *
 * Cosmic rays were cleaned before; saturated pixels, trails and spikes keep what was read.
 *
 * @param science background-subtracted.
 */
export function fillMasked(science: Plane, mask: MaskPlane): void {
  const { width, height, data } = science;
  const empty = MaskBit.NO_DATA | MaskBit.EDGE;
  const unfit = empty | MaskBit.BAD;
  for (const at of listMarked(mask, mask, unfit)) {
    if ((mask.data[at]! & empty) !== 0) {
      data[at] = 0;
      continue;
    }
    const x = at % width;
    const y = (at - x) / width;
    let sum = 0;
    let count = 0;
    for (let py = Math.max(0, y - HALF_BOX); py <= Math.min(height - 1, y + HALF_BOX); py++) {
      for (let px = Math.max(0, x - HALF_BOX); px <= Math.min(width - 1, x + HALF_BOX); px++) {
        const i = py * width + px;
        if ((mask.data[i]! & unfit) !== 0) continue;
        sum += data[i]!;
        count++;
      }
    }
    data[at] = count > 0 ? sum / count : 0;
  }
}
