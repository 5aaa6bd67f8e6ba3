import type { Plane } from '../../kernels/index.ts';

/**
 * Interpolate values at mesh centres to every pixel with a natural bicubic spline.
 *
 * Beyond the outermost centres the outermost cubics go on. With one mesh in a direction it is constant there.
 *
 * @param values (rows, columns) at the mesh centres.
 * @param out written in full.
 */
export function interpolateMesh(
  values: Float32Array,
  columns: number,
  rows: number,
  meshPx: number,
  out: Plane,
): void {
  const { width, height, data } = out;
  const vertical = splineColumns(values, columns, rows);
  const node = new Float64Array(columns);
  const curvature = new Float64Array(columns);
  const scratch = new Float64Array(Math.max(columns, rows));
  const horizontal = makeWeights(width, columns, meshPx, 0.5);
  // SEP measures y from a row's lower edge, not its centre (half a pixel in a mesh); kept, so that maps agree.
  const rowWeights = makeWeights(height, rows, meshPx, 0.5);
  for (let y = 0; y < height; y++) {
    const lower = rowWeights.index[y]! * columns;
    const upper = rows > 1 ? lower + columns : lower;
    const a = rowWeights.low[y]!;
    const b = rowWeights.high[y]!;
    const a3 = rowWeights.lowCurve[y]!;
    const b3 = rowWeights.highCurve[y]!;
    for (let c = 0; c < columns; c++) {
      node[c] =
        a * values[lower + c]! +
        b * values[upper + c]! +
        a3 * vertical[lower + c]! +
        b3 * vertical[upper + c]!;
    }
    splineSecondDerivatives(node, columns, 1, 0, curvature, scratch);
    const start = y * width;
    const { index, low, high, lowCurve, highCurve } = horizontal;
    for (let x = 0; x < width; x++) {
      const i = index[x]!;
      const j = columns > 1 ? i + 1 : i;
      data[start + x] =
        low[x]! * node[i]! +
        high[x]! * node[j]! +
        lowCurve[x]! * curvature[i]! +
        highCurve[x]! * curvature[j]!;
    }
  }
}

interface Weights {
  readonly index: Int32Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly lowCurve: Float64Array;
  readonly highCurve: Float64Array;
}

/** Spline weights of every pixel of a line for the node before it and the one after. */
function makeWeights(length: number, nodes: number, meshPx: number, centre: number): Weights {
  const index = new Int32Array(length);
  const low = new Float64Array(length);
  const high = new Float64Array(length);
  const lowCurve = new Float64Array(length);
  const highCurve = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    if (nodes === 1) {
      low[i] = 1;
      continue;
    }
    const u = (i + centre) / meshPx - 0.5;
    const k = Math.min(nodes - 2, Math.max(0, Math.floor(u)));
    const d = u - k;
    const c = 1 - d;
    index[i] = k;
    low[i] = c;
    high[i] = d;
    lowCurve[i] = c * c * c - c;
    highCurve[i] = d * d * d - d;
  }
  return { index, low, high, lowCurve, highCurve };
}

/** A sixth of the second derivatives along y at every node. */
function splineColumns(values: Float32Array, columns: number, rows: number): Float64Array {
  const all = Float64Array.from(values);
  const result = new Float64Array(columns * rows);
  const scratch = new Float64Array(rows);
  for (let c = 0; c < columns; c++) splineSecondDerivatives(all, rows, columns, c, result, scratch);
  return result;
}

/** Solve the tridiagonal system (1, 4, 1) of a natural cubic spline with unit spacing. */
function splineSecondDerivatives(
  values: Float64Array,
  count: number,
  stride: number,
  offset: number,
  out: Float64Array,
  scratch: Float64Array,
): void {
  out[offset] = 0;
  if (count < 3) {
    if (count === 2) out[offset + stride] = 0;
    return;
  }
  scratch[0] = 0;
  let carried = 0;
  for (let i = 1; i < count - 1; i++) {
    const at = offset + i * stride;
    const bend = values[at - stride]! - 2 * values[at]! + values[at + stride]!;
    const pivot = 1 / (4 - scratch[i - 1]!);
    scratch[i] = pivot;
    carried = (bend - carried) * pivot;
    out[at] = carried;
  }
  out[offset + (count - 1) * stride] = 0;
  for (let i = count - 2; i >= 1; i--) {
    const at = offset + i * stride;
    out[at] = out[at]! - (scratch[i]! * out[at + stride]!) / 6;
  }
}
