import {
  convolve,
  decodeBigEndianFloat32,
  irfft2,
  laplacianPositive,
  madStandardDeviation,
  makeMaskPlane,
  makePlane,
  medianFilter,
  multiplyConjugate,
  type Plane,
  resampleLanczos3,
  rfft2,
  separableMedianFilter,
  sigmaClippedStatistics,
} from '../../core/kernels/index.ts';
import { createRandom } from '../../core/utils/random.ts';

const WIDTH = 270;
const HEIGHT = 180;

/** Run every kind of kernel on seeded pixels and hash the bits of what comes out: a hash by name. */
export function digestKernels(): Readonly<Record<string, string>> {
  const random = createRandom(17);
  const draw = (width: number, height: number): Plane => {
    const plane = makePlane(width, height);
    for (let k = 0; k < plane.data.length; k++) plane.data[k] = 1000 + 30 * random.normal();
    return plane;
  };
  const image = draw(WIDTH, HEIGHT);
  const spectrum = rfft2(image);
  const taps = draw(7, 7);
  const clipped = sigmaClippedStatistics(image.data);
  const mesh = { columns: 10, rows: 7, step: 30 };
  const nodes = Array.from({ length: mesh.columns * mesh.rows }, (_, k) => [
    (k % mesh.columns) * mesh.step,
    Math.floor(k / mesh.columns) * mesh.step,
  ]);
  const resampled = resampleLanczos3(
    { plane: image, variance: image, mask: makeMaskPlane(WIDTH, HEIGHT) },
    {
      stepPx: mesh.step,
      columns: mesh.columns,
      rows: mesh.rows,
      x: Float64Array.from(nodes, ([x, y]) => 0.999 * x! + 0.02 * y! + 0.3),
      y: Float64Array.from(nodes, ([x, y]) => 0.999 * y! - 0.02 * x! + 0.7),
    },
    WIDTH,
    HEIGHT,
    { noDataBit: 1, edgeBit: 2 },
  );
  return {
    transform: hash(spectrum.data),
    inverse: hash(irfft2(multiplyConjugate(spectrum, spectrum)).data),
    convolve: hash(convolve(image, taps).data),
    median: hash(medianFilter(image, 5).data),
    separableMedian: hash(separableMedianFilter(image, 7).data),
    laplacian: hash(laplacianPositive(image).data),
    resample: hash(resampled.plane.data),
    statistics: hash(
      new Float64Array([clipped.mean, clipped.median, clipped.std, madStandardDeviation(image.data)]),
    ),
    decode: hash(decodeBigEndianFloat32(bytesOf(image.data), new Float32Array(image.data.length))),
  };
}

/** FNV-1a over the bytes; `crypto` is not in every room that runs kernels. */
function hash(values: Float32Array | Float64Array): string {
  const bytes = bytesOf(values);
  let state = 0x811c9dc5;
  for (const byte of bytes) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  return state.toString(16).padStart(8, '0');
}

/** The memory of a plane is longer than its pixels. */
function bytesOf(values: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
