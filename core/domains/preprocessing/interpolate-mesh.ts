import type { Plane } from '../../kernels/index.ts';

/**
 * Interpolate values at mesh centres to every pixel with cubic splines in both directions.
 *
 * Beyond the outermost centres the outermost cubics go on. With one mesh in a direction it is constant there.
 * Two habits of SExtractor and SEP are kept, so that the maps agree with theirs: y is measured from a row's lower
 * edge instead of its centre, and second derivatives are coupled more weakly than in a natural spline.
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
  for (let y = 0; y < height; y++) {
    const v = rows === 1 ? 0 : y / meshPx - 0.5;
    const row = Math.min(Math.max(0, rows - 2), Math.max(0, Math.floor(v)));
    const b = rows === 1 ? 0 : v - row;
    const a = 1 - b;
    const a3 = a * a * a - a;
    const b3 = b * b * b - b;
    const lower = row * columns;
    const upper = rows > 1 ? lower + columns : lower;
    for (let c = 0; c < columns; c++) {
      node[c] =
        a * values[lower + c]! +
        b * values[upper + c]! +
        a3 * vertical[lower + c]! +
        b3 * vertical[upper + c]!;
    }
    splineSecondDerivatives(node, columns, 1, 0, curvature, scratch);
    fillRow(data, y * width, width, node, curvature, columns, meshPx);
  }
}

/** Evaluate one row, node interval by node interval, as polynomials of the distance from the left node. */
function fillRow(
  data: Float32Array,
  start: number,
  width: number,
  node: Float64Array,
  curvature: Float64Array,
  columns: number,
  meshPx: number,
): void {
  if (columns === 1) {
    data.fill(node[0]!, start, start + width);
    return;
  }
  const step = 1 / meshPx;
  for (let k = 0; k < columns - 1; k++) {
    // Pixel centres at (x + 0.5) / mesh - 0.5 - k in [0, 1); the outermost intervals reach the borders.
    const first = k === 0 ? 0 : Math.ceil((k + 0.5) * meshPx - 0.5);
    const end = k === columns - 2 ? width : Math.ceil((k + 1.5) * meshPx - 0.5);
    const low = node[k]!;
    const lowBend = curvature[k]!;
    const highBend = curvature[k + 1]!;
    // (1 - d) low + d high + ((1 - d)^3 - (1 - d)) lowBend + (d^3 - d) highBend
    const linear = node[k + 1]! - low - 2 * lowBend - highBend;
    const square = 3 * lowBend;
    const cube = highBend - lowBend;
    const offset = 0.5 * step - 0.5 - k;
    for (let x = first; x < end; x++) {
      const d = x * step + offset;
      data[start + x] = low + d * (linear + d * (square + d * cube));
    }
  }
}

/** A sixth of the second derivatives along y at every node. */
function splineColumns(values: Float32Array, columns: number, rows: number): Float64Array {
  const all = Float64Array.from(values);
  const result = new Float64Array(columns * rows);
  const scratch = new Float64Array(rows);
  for (let c = 0; c < columns; c++) splineSecondDerivatives(all, rows, columns, c, result, scratch);
  return result;
}

/** Solve the tridiagonal system (1, 4, 1) of a cubic spline with unit spacing and no bend at its ends. */
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
    // A natural spline would not divide by six here; SExtractor does.
    out[at] = out[at]! - (scratch[i]! * out[at + stride]!) / 6;
  }
}
