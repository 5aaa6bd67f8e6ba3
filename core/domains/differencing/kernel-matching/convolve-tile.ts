import {
  irfft2,
  multiplySpectra,
  type Plane,
  rfft2,
  rfft2OfStamp,
  withArena,
} from '../../../kernels/index.ts';
import { evaluateLegendre, type MatchingKernel } from './matching-kernel.ts';

/**
 * Convolve a tile with a kernel that varies from pixel to pixel, and add the fitted background.
 *
 * The functions of the basis are summed first, so that there is one convolution for each spatial term and none
 * for each function. A pixel is what the kernel at that pixel makes of its surroundings.
 *
 * @param left, bottom image pixel of the tile's first pixel.
 * @param sum takes the result, for example an arena's.
 */
export function convolveTile(
  plane: Plane,
  kernel: MatchingKernel,
  left: number,
  bottom: number,
  sum: Plane,
): void {
  const { width, height } = plane;
  const { size, imageWidth, imageHeight } = kernel;
  const degree = Math.max(kernel.degree, kernel.backgroundDegree);
  const rowTerms = Array.from({ length: height }, (_, y) =>
    evaluateLegendre(degree, 0, bottom + y, imageWidth, imageHeight),
  );
  const columnTerms = Array.from({ length: width }, (_, x) =>
    evaluateLegendre(degree, left + x, 0, imageWidth, imageHeight),
  );
  // Each term is a polynomial of x times one of y.
  const [alongX, alongY] = PARTS.map((parts, axis) =>
    parts.map((part) =>
      Float64Array.from(axis === 0 ? columnTerms : rowTerms, (terms) =>
        part === undefined ? 1 : terms[part],
      ),
    ),
  );
  withArena((arena) => {
    const spectrum = rfft2(plane, arena.spectrum(width, height));
    const product = arena.spectrum(width, height);
    const part = arena.plane(width, height);
    sum.data.fill(0);
    kernel.terms.forEach((stamp, t) => {
      rfft2OfStamp({ width: size, height: size, data: stamp }, width, height, product);
      irfft2(multiplySpectra(spectrum, product, product), part);
      addTerm(sum, part.data, alongX[t], alongY[t]);
    });
  });
  kernel.background.forEach((level, t) => {
    addTerm(
      sum,
      undefined,
      alongX[t],
      alongY[t].map((value) => level * value),
    );
  });
}

/** Which of the terms 1, u, v, uu, uv, vv is the part of each that depends on x, and on y; none where it is one. */
const PARTS: readonly (readonly (number | undefined)[])[] = [
  [undefined, 1, undefined, 3, 1, undefined],
  [undefined, undefined, 2, undefined, 2, 5],
];

/** Add a plane, or one, times a function of x and one of y. */
function addTerm(
  sum: Plane,
  part: Float32Array | undefined,
  alongX: Float64Array,
  alongY: Float64Array,
): void {
  const { width, data } = sum;
  for (let y = 0; y < alongY.length; y++) {
    const row = y * width;
    const here = alongY[y];
    if (part) for (let x = 0; x < width; x++) data[row + x] += here * alongX[x] * part[row + x];
    else for (let x = 0; x < width; x++) data[row + x] += here * alongX[x];
  }
}
