import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import {
  convolve,
  laplacianPositive,
  makeMaskPlane,
  makePlane,
  markAbove,
  medianFilter,
  type Plane,
  resampleLanczos3,
  searchCosmicRays,
  separableMedianFilter,
} from './index.ts';

// Kernels walk in bands whose height goes by the image's width, or in tiles from its first pixel: the same pixels beside
// others, or further along, lie otherwise in them.

const WIDTH = 700;
const HEIGHT = 420;
/** Beyond the farthest neighbour that any of these looks at. */
const REACH = 16;

function sky(): Plane {
  const random = createRandom(5);
  const plane = makePlane(WIDTH, HEIGHT);
  for (let k = 0; k < plane.data.length; k++) plane.data[k] = 400 + 20 * random.normal();
  for (let k = 0; k < 1500; k++) plane.data[random.integer(plane.data.length)]! += 3000 * random.uniform();
  return plane;
}

const plane = sky();

/** The same pixels with others to their right. */
function widen(width: number): Plane {
  const random = createRandom(width);
  const wide = makePlane(width, HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    wide.data.set(plane.data.subarray(y * WIDTH, (y + 1) * WIDTH), y * width);
    for (let x = WIDTH; x < width; x++) wide.data[y * width + x] = 400 + 20 * random.normal();
  }
  return wide;
}

/** Pixels that see none of those to the right. */
function inner<Values extends Float32Array | Uint8Array>(values: Values, width: number): Values {
  const kept = WIDTH - REACH;
  const out = values.slice(0, kept * HEIGHT) as Values;
  for (let y = 0; y < HEIGHT; y++) out.set(values.subarray(y * width, y * width + kept), y * kept);
  return out;
}

const kernel = makePlane(15, 15);
for (let k = 0; k < kernel.data.length; k++) {
  kernel.data[k] = Math.exp(-(((k % 15) - 7) ** 2) / 9 - (Math.floor(k / 15) - 7) ** 2 / 12);
}
const rms = (of: Plane): Plane => ({ ...of, data: of.data.map(() => 20) });

const KERNELS: readonly (readonly [string, (of: Plane) => Float32Array | Uint8Array])[] = [
  ['convolution', (of) => convolve(of, kernel).data],
  ['median', (of) => medianFilter(of, 7).data],
  ['separable median', (of) => separableMedianFilter(of, 9).data],
  ['Laplacian', (of) => laplacianPositive(of).data],
  [
    'matched threshold',
    (of) => markAbove(of, { missing: new Int32Array(0), kernel, rms: rms(of), threshold: 3 }).above,
  ],
  [
    'search for cosmic rays',
    (of) => {
      const marks = new Uint8Array(of.data.length);
      const search = { readNoiseE: 6, threshold: 4.5, neighbourThreshold: 1.35, contrast: 5 };
      for (const at of searchCosmicRays(of, new Uint8Array(of.data.length), search)!) marks[at] = 1;
      return marks;
    },
  ],
];

describe.each(KERNELS)('%s', (_, run) => {
  const narrow = inner(run(plane), WIDTH);
  it.each([900, 1700, 4100])('gives the same bits in an image of %i columns', (width) => {
    expect(narrow.some((value) => value !== 0)).toBe(true);
    expect(inner(run(widen(width)), width)).toEqual(narrow);
  });
});

it('resamples a pixel to the same value wherever it lies in a tile', () => {
  const STEP = 16;
  const input = { plane, variance: rms(plane), mask: makeMaskPlane(WIDTH, HEIGHT) };
  /** Output pixels from (left, bottom) on, through a small rotation. */
  const resample = (left: number, bottom: number, width: number, height: number) => {
    const [columns, rows] = [Math.ceil(width / STEP) + 1, Math.ceil(height / STEP) + 1];
    const [x, y] = [new Float64Array(columns * rows), new Float64Array(columns * rows)];
    for (let k = 0; k < x.length; k++) {
      const u = left + STEP * (k % columns);
      const v = bottom + STEP * Math.floor(k / columns);
      x[k] = 12.3 + 0.9998 * u - 0.02 * v;
      y[k] = 5.7 + 0.02 * u + 0.9998 * v;
    }
    return resampleLanczos3(input, { stepPx: STEP, columns, rows, x, y }, width, height, {
      noDataBit: 64,
      edgeBit: 4,
    });
  };
  const whole = resample(0, 0, 640, 380);
  for (const [left, bottom] of [
    [STEP, 3 * STEP],
    [5 * STEP, STEP],
    [17 * STEP, 7 * STEP],
  ] as const) {
    const part = resample(left, bottom, 640 - left, 380 - bottom);
    let [worst, otherMasks] = [0, 0];
    for (let y = 0; y < part.plane.height; y++) {
      for (let x = 0; x < part.plane.width; x++) {
        const at = (y + bottom) * 640 + x + left;
        const k = y * part.plane.width + x;
        if (part.mask.data[k] !== whole.mask.data[at]) otherMasks++;
        if (Number.isNaN(whole.plane.data[at]!)) continue;
        worst = Math.max(worst, Math.abs(part.plane.data[k]! - whole.plane.data[at]!));
      }
    }
    expect(otherMasks).toBe(0);
    // Of the noise; pixels reach 170 times that.
    expect(worst / 20).toBeLessThan(1e-6);
  }
});
