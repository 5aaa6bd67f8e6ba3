import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import {
  lanczosWeights,
  makeMaskPlane,
  makePlane,
  RESAMPLED_ROWS,
  type ResampleInput,
  type ResampleMesh,
  resampleLanczos3,
  resampleRows,
} from './index.ts';

const NO_DATA = 64;
const EDGE = 4;
const options = { noDataBit: NO_DATA, edgeBit: EDGE };
type Mapping = (x: number, y: number) => readonly [number, number];

function makeMesh(width: number, height: number, stepPx: number, map: Mapping): ResampleMesh {
  const columns = Math.max(2, Math.ceil((width - 1) / stepPx) + 1);
  const rows = Math.max(2, Math.ceil((height - 1) / stepPx) + 1);
  const x = new Float64Array(columns * rows);
  const y = new Float64Array(columns * rows);
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) [x[j * columns + i], y[j * columns + i]] = map(i * stepPx, j * stepPx);
  }
  return { stepPx, columns, rows, x, y };
}

function makeInput(width: number, height: number, at: (x: number, y: number) => number): ResampleInput {
  const plane = makePlane(width, height);
  const variance = makePlane(width, height);
  for (let i = 0; i < plane.data.length; i++) {
    plane.data[i] = at(i % width, Math.floor(i / width));
    variance.data[i] = 4;
  }
  return { plane, variance, mask: makeMaskPlane(width, height) };
}

function noiseInput(width: number, height: number, seed = 1): ResampleInput {
  const random = createRandom(seed);
  return makeInput(width, height, () => random.normal());
}

const gaussian =
  (cx: number, cy: number, sigma: number, flux: number) =>
  (x: number, y: number): number =>
    (flux * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * sigma * sigma))) / (2 * Math.PI * sigma * sigma);

function lanczos3(t: number): number {
  if (t === 0) return 1;
  if (Math.abs(t) >= 3) return 0;
  return (3 * Math.sin(Math.PI * t) * Math.sin((Math.PI * t) / 3)) / (Math.PI * t) ** 2;
}

/** The definition in float64 at one point whose window lies inside the input. */
function slowSample(input: ResampleInput, x: number, y: number): { flux: number; variance: number } {
  let [weights, flux, variance] = [0, 0, 0];
  for (let j = Math.floor(y) - 2; j <= Math.floor(y) + 3; j++) {
    for (let i = Math.floor(x) - 2; i <= Math.floor(x) + 3; i++) {
      const w = lanczos3(x - i) * lanczos3(y - j);
      weights += w;
      flux += w * input.plane.data[j * input.plane.width + i]!;
      variance += w * w * input.variance.data[j * input.plane.width + i]!;
    }
  }
  return { flux: flux / weights, variance: variance / weights ** 2 };
}

const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);

describe('resampleLanczos3', () => {
  it('copies pixels and variance when nothing moves', () => {
    const input = noiseInput(300, 270);
    const out = resampleLanczos3(
      input,
      makeMesh(300, 270, 16, (x, y) => [x, y]),
      300,
      270,
      options,
    );
    expect(out.plane.data).toEqual(input.plane.data);
    expect(out.variance.data).toEqual(input.variance.data);
    expect(out.mask.data[150 * 300 + 150]).toBe(0);
  });

  it('moves by whole pixels exactly, with no data where the input ends', () => {
    const input = noiseInput(80, 60);
    const out = resampleLanczos3(
      input,
      makeMesh(80, 60, 16, (x, y) => [x + 7, y - 5]),
      80,
      60,
      options,
    );
    for (let y = 0; y < 60; y++) {
      for (let x = 0; x < 80; x++) {
        const inside = x + 7 < 80 && y - 5 >= 0;
        const value = out.plane.data[y * 80 + x]!;
        if (inside) expect(value).toBe(input.plane.data[(y - 5) * 80 + x + 7]);
        else expect(value).toBeNaN();
        expect((out.mask.data[y * 80 + x]! & NO_DATA) !== 0).toBe(!inside);
      }
    }
  });

  it('is the textbook definition in float64, when asked, under a rotation, scale and shift, times the Jacobian', () => {
    const input = noiseInput(200, 200);
    const [c, s] = [1.02 * Math.cos(0.4), 1.02 * Math.sin(0.4)];
    const map: Mapping = (x, y) => [40 + c * x - s * y + 30, 20 + s * x + c * y];
    const out = resampleLanczos3(input, makeMesh(90, 90, 16, map), 90, 90, {
      ...options,
      weights: 'plain',
    });
    const jacobian = 1.02 ** 2;
    let worst = 0;
    let worstVariance = 0;
    for (let y = 0; y < 90; y++) {
      for (let x = 0; x < 90; x++) {
        const [u, v] = map(x, y);
        const expected = slowSample(input, u, v);
        worst = Math.max(worst, Math.abs(out.plane.data[y * 90 + x]! - jacobian * expected.flux));
        const ratio = out.variance.data[y * 90 + x]! / (jacobian ** 2 * expected.variance);
        worstVariance = Math.max(worstVariance, Math.abs(ratio - 1));
      }
    }
    // Values are of order one; the weight table is right to 5e-7 a weight.
    expect(worst).toBeLessThan(5e-6);
    expect(worstVariance).toBeLessThan(5e-6);
  });

  it.each([
    ['shift', (x, y) => [x + 0.37, y - 0.61]],
    ['rotation', (x, y) => [10 + 0.8 * x - 0.6 * y + 30, 0.6 * x + 0.8 * y - 15]],
    ['scale', (x, y) => [0.1 + 1.002 * x, 0.2 + 0.999 * y]],
    ['larger scale', (x, y) => [0.1 + 1.04 * x - 2, 0.2 + 0.96 * y + 2]],
    ['flip', (x, y) => [100 - x, y + 0.25]],
    ['distortion', (x, y) => [x + 1.6e-4 * (x - 50) ** 2, y + 1e-4 * (x - 50) * (y - 50)]],
  ] as [string, Mapping][])('conserves the flux of a star to 1e-4 under a %s', (_name, map) => {
    const input = makeInput(101, 101, gaussian(50.3, 49.6, 1.6, 1e5));
    const out = resampleLanczos3(input, makeMesh(101, 101, 8, map), 101, 101, options);
    let flux = 0;
    for (const value of out.plane.data) if (Number.isFinite(value)) flux += value;
    expect(Math.abs(flux / sum(input.plane.data) - 1)).toBeLessThan(1e-4);
  });

  it('leaves a star where it was at every sub-pixel phase, which textbook weights do not', () => {
    const worstShift = (weights: 'cubic' | 'plain'): number => {
      let worst = 0;
      for (const phase of [0.1, 0.25, 0.4, 0.5, 0.75]) {
        const input = makeInput(41, 41, gaussian(20.3, 20, 1.4, 1000));
        const mesh = makeMesh(41, 41, 8, (x, y) => [x + phase, y]);
        const { plane } = resampleLanczos3(input, mesh, 41, 41, { ...options, weights });
        let [flux, moment] = [0, 0];
        for (let y = 8; y < 33; y++) {
          for (let x = 8; x < 33; x++) {
            flux += plane.data[y * 41 + x]!;
            moment += x * plane.data[y * 41 + x]!;
          }
        }
        worst = Math.max(worst, Math.abs(moment / flux + phase - 20.3));
      }
      return worst;
    };
    expect(worstShift('cubic')).toBeLessThan(1e-4);
    expect(worstShift('plain')).toBeGreaterThan(0.015);
  });

  it('keeps a constant constant: weights sum to one at every phase', () => {
    const input = makeInput(300, 40, () => 1000);
    const out = resampleLanczos3(
      input,
      makeMesh(256, 20, 16, (x, y) => [9 + x * 1.01, 9 + y]),
      256,
      20,
      options,
    );
    for (const value of out.plane.data) expect(Math.abs(value / 1010 - 1)).toBeLessThan(2e-6);
  });

  it('keeps a ramp a ramp', () => {
    const input = makeInput(120, 120, (x, y) => 3 * x - 2 * y);
    const out = resampleLanczos3(
      input,
      makeMesh(90, 90, 16, (x, y) => [9.2 + x, 9.7 + y]),
      90,
      90,
      options,
    );
    for (let y = 0; y < 90; y++) {
      for (let x = 0; x < 90; x++) {
        const expected = 3 * (9.2 + x) - 2 * (9.7 + y);
        expect(Math.abs(out.plane.data[y * 90 + x]! - expected)).toBeLessThan(3e-4);
      }
    }
  });

  it('lowers the variance as sum w^2 does: 0.784^2 at the half-pixel phase', () => {
    const input = noiseInput(60, 60);
    const out = resampleLanczos3(
      input,
      makeMesh(40, 40, 16, (x, y) => [10.5 + x, 10.5 + y]),
      40,
      40,
      options,
    );
    const factor = Math.sqrt(out.variance.data[20 * 40 + 20]! / 4);
    expect(factor).toBeCloseTo(0.784, 3);
  });

  it('passes mask bits on where the weight is above the threshold and nowhere else', () => {
    const input = noiseInput(40, 40);
    input.mask.data[20 * 40 + 20] = 3;
    const [dx, dy] = [0.4, 0.2];
    const weightOf = (tap: number, fraction: number): number =>
      lanczosWeights(fraction, 'cubic')[tap + 2] ?? 0;
    const out = resampleLanczos3(
      input,
      makeMesh(40, 40, 16, (x, y) => [x + dx, y + dy]),
      40,
      40,
      options,
    );
    for (let y = 5; y < 35; y++) {
      for (let x = 5; x < 35; x++) {
        const weight = Math.abs(weightOf(20 - x, dx) * weightOf(20 - y, dy));
        if (Math.abs(weight - 0.05) < 1e-3) continue;
        expect(out.mask.data[y * 40 + x]! & 3).toBe(weight > 0.05 ? 3 : 0);
      }
    }
  });

  it('leaves a NaN out, flags it, and stays near the truth beside it', () => {
    const input = makeInput(40, 40, () => 100);
    input.plane.data[20 * 40 + 20] = Number.NaN;
    input.variance.data[10 * 40 + 10] = Number.NaN;
    const out = resampleLanczos3(
      input,
      makeMesh(40, 40, 16, (x, y) => [x + 0.5, y]),
      40,
      40,
      options,
    );
    for (const [x, y] of [
      [20, 20],
      [19, 20],
      [10, 10],
    ] as const) {
      expect(out.mask.data[y * 40 + x]! & NO_DATA).toBe(NO_DATA);
    }
    for (let y = 6; y < 34; y++) {
      for (let x = 6; x < 34; x++) {
        // Two outputs owe 0.6 of their weight to each missing pixel.
        const lost = (y === 20 && (x === 20 || x === 19)) || (y === 10 && (x === 10 || x === 9));
        if (lost) expect(out.plane.data[y * 40 + x]).toBeNaN();
        else expect(out.plane.data[y * 40 + x]).toBeCloseTo(100, 3);
      }
    }
    expect(out.mask.data[25 * 40 + 25]).toBe(0);
  });

  it('is NaN with no data where the mesh has no place on the input, or far outside', () => {
    const input = noiseInput(50, 50);
    const out = resampleLanczos3(
      input,
      makeMesh(600, 20, 4, (x, y) => (x < 100 ? [Number.NaN, y] : [x - 120, y])),
      600,
      20,
      options,
    );
    for (const x of [0, 50, 99, 110, 300, 599]) {
      expect(out.plane.data[10 * 600 + x]).toBeNaN();
      expect(out.variance.data[10 * 600 + x]).toBeNaN();
      expect(out.mask.data[10 * 600 + x]).toBe(NO_DATA | EDGE);
    }
    expect(out.plane.data[10 * 600 + 140]).toBe(input.plane.data[10 * 50 + 20]);
  });

  it('refuses a mesh that does not span the output and inputs of different sizes', () => {
    const input = noiseInput(50, 50);
    const mesh = makeMesh(50, 50, 16, (x, y) => [x, y]);
    expect(() => resampleLanczos3(input, mesh, 80, 50, options)).toThrow(RangeError);
    expect(() => resampleLanczos3({ ...input, mask: makeMaskPlane(50, 49) }, mesh, 50, 50, options)).toThrow(
      RangeError,
    );
  });

  it('makes the same of some rows as of all', () => {
    const input = spoil(noiseInput(420, 410), 5);
    const mesh = makeMesh(400, 380, 16, (x, y) => [8.3 + 0.98 * x - 0.1 * y, 5.1 + 0.1 * x + 0.98 * y]);
    const all = resampleLanczos3(input, mesh, 400, 380, { ...options, repair });
    const out = makeInput(400, 380, () => 7);
    for (const from of [2 * RESAMPLED_ROWS, 0]) {
      resampleRows(input, mesh, { from, to: Math.min(380, from + RESAMPLED_ROWS) }, out, {
        ...options,
        repair,
      });
    }
    for (const part of ['plane', 'variance', 'mask'] as const) {
      for (let k = 0; k < 400 * 380; k++) {
        const isMade = Math.floor(k / 400 / RESAMPLED_ROWS) !== 1;
        if (
          !Object.is(out[part].data[k], isMade ? all[part].data[k] : { plane: 7, variance: 4, mask: 0 }[part])
        ) {
          throw new Error(`${part} of pixel ${k} is ${out[part].data[k]}`);
        }
      }
    }
  });

  it.each([
    ['a small turn', 1.2],
    ['a quarter turn', 90],
    ['a turn by 40 degrees', 40],
  ])('repairs masked pixels by their definition, under %s', (_, degrees) => {
    const [width, height] = [700, 300];
    const input = spoil(noiseInput(width, height), 9);
    const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const mesh = makeMesh(640, 330, 16, (x, y) => [
      350 + c * (x - 320) - s * (y - 165),
      150 + s * (x - 320) + c * (y - 165),
    ]);
    const out = resampleLanczos3(input, mesh, 640, 330, { ...options, repair });
    const wanted = resampleLanczos3(repairSlowly(input), mesh, 640, 330, options);
    expect(out.mask.data).toEqual(wanted.mask.data);
    expect(out.plane.data).toEqual(wanted.plane.data);
    expect(out.variance.data).toEqual(wanted.variance.data);
  });
});

const [BAD, SAT] = [1, 2];
const repair = { fillBits: BAD | SAT, fillDepthPx: 4, growBit: SAT, growPx: 3 };

/** Mark regions of any size, also at the rims, and put what is no number on some pixels. */
function spoil(input: ResampleInput, seed: number): ResampleInput {
  const random = createRandom(seed);
  const { width, height, data } = input.plane;
  for (let region = 0; region < 60; region++) {
    const side = Math.ceil(20 * random.uniform() ** 2);
    const [x0, y0] = [random.uniform() * width - side / 2, random.uniform() * height - side / 2];
    for (let y = Math.max(0, Math.ceil(y0)); y < Math.min(height, y0 + side); y++)
      for (let x = Math.max(0, Math.ceil(x0)); x < Math.min(width, x0 + side); x++) {
        input.mask.data[y * width + x]! |= region % 2 === 0 ? BAD : SAT;
        data[y * width + x] = region % 3 === 0 ? Number.NaN : 1e5;
      }
  }
  for (let k = 5; k < data.length; k += 997) data[k] = Number.POSITIVE_INFINITY;
  return input;
}

/** What `ResampleRepair` says, on the whole image. */
function repairSlowly({ plane, variance, mask }: ResampleInput): ResampleInput {
  const { width, height } = plane;
  const around = (k: number): number[] => {
    const [x, y] = [k % width, Math.floor(k / width)];
    const near: number[] = [];
    for (let j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++)
      for (let i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++) near.push(j * width + i);
    return near;
  };
  const data = plane.data.slice();
  const holes = Array.from(data.keys()).filter(
    (k) => (mask.data[k]! & repair.fillBits) !== 0 || !Number.isFinite(data[k]!),
  );
  let unknown = new Set(holes);
  for (let layer = 0; layer < repair.fillDepthPx; layer++) {
    const known = [...unknown].map((k) => [k, around(k).filter((at) => !unknown.has(at))] as const);
    const levels = known
      .filter(([, near]) => near.length > 0)
      .map(([k, near]) => [k, near.reduce((sum, at) => sum + data[at]!, 0) / near.length] as const);
    for (const [k, level] of levels) data[k] = level;
    const found = new Set(levels.map(([k]) => k));
    unknown = new Set([...unknown].filter((k) => !found.has(k)));
  }
  for (const k of holes) if (!Number.isFinite(data[k]!)) data[k] = 0;
  const bits = mask.data.slice();
  for (let k = 0; k < bits.length; k++) {
    if ((mask.data[k]! & SAT) === 0) continue;
    const [x, y] = [k % width, Math.floor(k / width)];
    for (let j = Math.max(0, y - 3); j <= Math.min(height - 1, y + 3); j++)
      for (let i = Math.max(0, x - 3); i <= Math.min(width - 1, x + 3); i++)
        if ((i - x) ** 2 + (j - y) ** 2 <= 9) bits[j * width + i]! |= SAT;
  }
  return { plane: { width, height, data }, variance, mask: { width, height, data: bits } };
}
