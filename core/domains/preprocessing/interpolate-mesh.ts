import type { CubicIntervals, Plane } from '../../kernels/index.ts';
import { fillCubics } from '../../kernels/index.ts';

/**
 * Interpolate values at mesh centres to every pixel with cubic splines in both directions.
 *
 * Beyond the outermost centres the outermost cubics go on. With one mesh in a direction it is constant there.
 * Two habits of SExtractor and SEP are kept, so that the maps agree with theirs: y is measured from a row's lower
 * edge instead of its centre, and second derivatives are coupled more weakly than in a natural spline.
 *
 * @param values (rows, columns) at the mesh centres.
 * @param out written in full.
 * @param firstRow image row of its first row.
 */
export function interpolateMesh(
  values: Float32Array,
  columns: number,
  rows: number,
  meshPx: number,
  out: Plane,
  firstRow = 0,
): void {
  const vertical = splineColumns(values, columns, rows);
  const node = new Float64Array(columns);
  const curvature = new Float64Array(columns);
  const scratch = new Float64Array(Math.max(columns, rows));
  fillCubics(out, layIntervals(columns, meshPx, out.width), (y, cubics) => {
    const v = rows === 1 ? 0 : (firstRow + y) / meshPx - 0.5;
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
    if (columns === 1) cubics.set([node[0]!, 0, 0, 0]);
    for (let k = 0; k < columns - 1; k++) {
      // (1 - d) low + d high + ((1 - d)^3 - (1 - d)) lowBend + (d^3 - d) highBend
      cubics[4 * k] = node[k]!;
      cubics[4 * k + 1] = node[k + 1]! - node[k]! - 2 * curvature[k]! - curvature[k + 1]!;
      cubics[4 * k + 2] = 3 * curvature[k]!;
      cubics[4 * k + 3] = curvature[k + 1]! - curvature[k]!;
    }
  });
}

/** Pixel centres lie at (x + 0.5) / mesh - 0.5 - k in [0, 1) of interval k; the outermost reach the borders. */
function layIntervals(columns: number, meshPx: number, width: number): CubicIntervals {
  const intervals = Math.max(1, columns - 1);
  const starts = Int32Array.from({ length: intervals + 1 }, (_, k) =>
    k === 0 ? 0 : k === intervals ? width : Math.ceil((k + 0.5) * meshPx - 0.5),
  );
  const offsets = Float32Array.from({ length: intervals }, (_, k) => (starts[k]! + 0.5) / meshPx - 0.5 - k);
  return { starts, offsets, step: 1 / meshPx };
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
