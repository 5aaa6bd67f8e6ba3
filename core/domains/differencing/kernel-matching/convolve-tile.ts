import { irfft2, makePlane, multiplySpectra, type Plane, rfft2 } from '../../../kernels/index.ts';
import { embedStamp } from '../tiles/embed-stamp.ts';
import { evaluateLegendre, type MatchingKernel } from './matching-kernel.ts';

/**
 * Convolve a tile with a kernel that varies from pixel to pixel, and add the fitted background.
 *
 * The functions of the basis are summed first, so that there is one convolution for each spatial term and none
 * for each function. A pixel is what the kernel at that pixel makes of its surroundings.
 *
 * @param left, bottom image pixel of the tile's first pixel.
 */
export function convolveTile(plane: Plane, kernel: MatchingKernel, left: number, bottom: number): Plane {
  const { width, height } = plane;
  const spectrum = rfft2(plane);
  const product = { ...spectrum, data: new Float32Array(spectrum.data.length) };
  const parts = kernel.terms.map((stamp) => {
    const size = kernel.size;
    const kappa = rfft2(embedStamp({ width: size, height: size, data: stamp }, width, height));
    return irfft2(multiplySpectra(spectrum, kappa, product));
  });
  const sum = makePlane(width, height);
  const along = (degree: number, y: number) => legendreAlongRow(degree, left, bottom + y, width, kernel);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const terms = along(Math.max(kernel.degree, kernel.backgroundDegree), y);
    parts.forEach((part, t) => {
      const term = terms[t];
      for (let x = 0; x < width; x++) sum.data[row + x] += term[x] * part.data[row + x];
    });
    kernel.background.forEach((level, t) => {
      const term = terms[t];
      for (let x = 0; x < width; x++) sum.data[row + x] += level * term[x];
    });
  }
  return sum;
}

/** Each Legendre term along one row of the tile. */
function legendreAlongRow(
  degree: number,
  left: number,
  y: number,
  width: number,
  kernel: MatchingKernel,
): readonly Float64Array[] {
  const { imageWidth, imageHeight } = kernel;
  const count = ((degree + 1) * (degree + 2)) / 2;
  const terms = Array.from({ length: count }, () => new Float64Array(width));
  for (let x = 0; x < width; x++) {
    const values = evaluateLegendre(degree, left + x, y, imageWidth, imageHeight);
    for (let t = 0; t < count; t++) terms[t][x] = values[t];
  }
  return terms;
}
