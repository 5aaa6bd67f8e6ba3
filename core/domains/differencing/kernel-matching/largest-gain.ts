import { rfft2OfStamp } from '../../../kernels/index.ts';
import { evaluateKernel, type MatchingKernel } from './matching-kernel.ts';

const SIDE = 64;

/** Give the largest gain of a kernel over all frequencies, in units of its sum, at the image's middle and corners. */
export function largestGain(kernel: MatchingKernel): number {
  const right = kernel.imageWidth - 1;
  const top = kernel.imageHeight - 1;
  const places = [
    [right / 2, top / 2],
    [0, 0],
    [right, 0],
    [0, top],
    [right, top],
  ];
  let worst = 0;
  for (const [x, y] of places) {
    const { data } = rfft2OfStamp(evaluateKernel(kernel, x, y), SIDE, SIDE);
    let most = 0;
    for (let k = 0; k < data.length; k += 2) most = Math.max(most, Math.hypot(data[k], data[k + 1]));
    worst = Math.max(worst, most / Math.hypot(data[0], data[1]));
  }
  return worst;
}
