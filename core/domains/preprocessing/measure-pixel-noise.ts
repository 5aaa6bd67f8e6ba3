import type { MaskPlane, Plane, RowSource } from '../../kernels/index.ts';
import { convolve, fillSplines, selectMedian, withScratch } from '../../kernels/index.ts';
import { fillBadMeshes, filterMeshes, medianOf } from './filter-meshes.ts';
import { laySplines } from './interpolate-mesh.ts';
import { raiseTo } from './measure-background.ts';

/** Second difference in both directions: blind to any slope; its noise is 6 times a pixel's. */
const CURVATURE = Float32Array.from([1, -2, 1, -2, 4, -2, 1, -2, 1], (tap) => tap / 6);
const STD_PER_MAD = 1.482602218505602;
const MIN_PIXELS = 100;

/** Noise of single pixels, in the unit of the image. */
export interface PixelNoise {
  readonly rows: RowSource;
  readonly medianRms: number;
}

/**
 * Measure the noise of single pixels from second differences.
 *
 * It sees the detector's noise even where the wings of stars cover everything, since they are smooth on the
 * scale of a pixel. Interpolated images have correlated noise, of which it sees too little.
 *
 * @param excluded mask bits of pixels that are left out.
 * @returns `undefined` if too few pixels are left.
 * @see Immerkaer 1996, Computer Vision and Image Understanding 64, 300.
 */
export function measurePixelNoise(
  image: Plane,
  mask: MaskPlane,
  excluded: number,
  meshPx: number,
): PixelNoise | undefined {
  return withScratch((scratch) => {
    const curvature = scratch.plane(image.width, image.height);
    convolve(image, { width: 3, height: 3, data: CURVATURE }, curvature);
    return measureScatter(curvature, mask, excluded, meshPx);
  });
}

function measureScatter(
  { width, height, data: curvature }: Plane,
  mask: MaskPlane,
  excluded: number,
  meshPx: number,
): PixelNoise | undefined {
  const columns = Math.max(1, Math.ceil(width / meshPx));
  const rows = Math.max(1, Math.ceil(height / meshPx));
  const rms = new Float32Array(columns * rows).fill(Number.NaN);
  const sample = new Float32Array(meshPx * meshPx);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let count = 0;
      const yEnd = Math.min(height, (row + 1) * meshPx);
      const xEnd = Math.min(width, (column + 1) * meshPx);
      for (let y = row * meshPx; y < yEnd; y++) {
        for (let x = column * meshPx; x < xEnd; x++) {
          const at = y * width + x;
          const value = curvature[at]!;
          if ((mask.data[at]! & excluded) === 0 && value - value === 0) sample[count++] = Math.abs(value);
        }
      }
      if (count < MIN_PIXELS) continue;
      const spread = STD_PER_MAD * selectMedian(sample.subarray(0, count));
      if (spread > 0) rms[row * columns + column] = spread;
    }
  }
  const unused = new Float32Array(columns * rows);
  if (!fillBadMeshes(rms, unused, columns, rows)) return undefined;
  filterMeshes(rms, unused, columns, rows, 3);
  const medianRms = medianOf(rms);
  const spline = laySplines(rms, columns, rows, meshPx, width);
  const fillRows = (firstRow: number, out: Plane): void => {
    fillSplines(out, spline, firstRow);
    raiseTo(out.data, 0.05 * medianRms);
  };
  return { medianRms, rows: { width, height, fillRows } };
}
