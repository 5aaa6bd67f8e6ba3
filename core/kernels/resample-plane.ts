import { allocate, copyIn, copyOut, floatsAt, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { MaskPlane, Plane } from './plane.ts';
import { lendMaskPlane, lendPlane } from './plane.ts';

/** Pixels with what goes with them, all of one size. */
export interface ResampleInput {
  /** Flux per pixel; NaN where there is none. */
  readonly plane: Plane;
  /** Variance of `plane`, its unit squared; NaN where there is none. */
  readonly variance: Plane;
  readonly mask: MaskPlane;
}

/**
 * Where output pixels lie on the input, at nodes `stepPx` apart and bilinear between them.
 *
 * Node (i, j) is the output pixel (i * stepPx, j * stepPx), number j * columns + i. `x` and `y` are zero-based input
 * pixel coordinates; NaN where the output has no place on the input. The nodes span the output:
 * (columns - 1) * stepPx >= width - 1, and so for the rows.
 */
export interface ResampleMesh {
  readonly stepPx: number;
  readonly columns: number;
  readonly rows: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Mask rules of resampling. */
export interface ResampleOptions {
  /** An input pixel's bits reach an output pixel when its |weight| is above this; default 0.05. */
  readonly maskThreshold?: number | undefined;
  /** Bit set where such an input pixel is missing: outside the input, or NaN. */
  readonly noDataBit: number;
  /** Bit set where any of the 36 input pixels is outside the input, whatever its weight. */
  readonly edgeBit: number;
  /**
   * `cubic` (default): Lanczos-3 corrected to reproduce cubic polynomials. `plain`: the textbook weights normalised to
   * one, as other programs use them, for parity, and for parts of pixels less than half an input pixel apart; they move
   * stars by up to 0.02 px with their phase.
   */
  readonly weights?: LanczosWeights | undefined;
}

/** Which weights a Lanczos-3 window has; see `ResampleOptions`. */
export type LanczosWeights = 'cubic' | 'plain';

/** Phases of the weight table; interpolated linearly, weights are right to 5e-7. */
const PHASES = 1024;
/** Output tiles, px: a tile and the input under it stay in a second-level cache, at any rotation. */
const TILE_WIDTH = 512;
const TILE_HEIGHT = 128;
/** Rectangles start at multiples of this, so that rows of four-byte and two-byte pixels lie alike in words. */
const ALIGNED = 4;
/** How far beyond the input's edges a window with a pixel inside may reach. */
const MARGIN = 5;

/**
 * Resample an image with a Lanczos-3 kernel, carrying variance and mask.
 *
 * out = |J| sum(w f), variance = J^2 sum(w^2 V), weights of the 6 x 6 pixels normalised to sum one, J the Jacobian
 * d(input)/d(output) of the mesh at the pixel. Flux is conserved to 1e-5 under shifts, rotations, flips and the
 * distortions of cameras, to 1e-4 at scales from 0.96 to 1.04. We differ from the textbook kernel: normalised Lanczos-3
 * has a first moment of up to 0.02 px that depends on the sub-pixel phase, which displaces stars by that much and, where
 * the scale differs from one by e, changes their flux by up to 0.35 e. Weights are therefore corrected to moments of
 * zero up to the third. Missing input pixels (outside, or plane or
 * variance not finite) are left out and the other weights normalised anew; where less than half the weight is left the
 * output is NaN with `noDataBit`. Masked but finite pixels are used as they are: their bits tell.
 *
 * Neighbouring output pixels are correlated, and their variance is that of one pixel alone. Made for scales near one:
 * it does not oversample when output pixels are larger than input pixels.
 *
 * @throws RangeError when sizes disagree or the mesh does not span the output.
 * @see Duchon 1979, J. Appl. Meteorol. 18, 1016
 */
export function resampleLanczos3(
  input: ResampleInput,
  mesh: ResampleMesh,
  width: number,
  height: number,
  options: ResampleOptions,
): ResampleInput {
  requireFit(input, mesh, width, height);
  const out: ResampleInput = {
    plane: lendPlane(width, height),
    variance: lendPlane(width, height),
    mask: lendMaskPlane(width, height),
  };
  withArena(() => {
    const nodes = mesh.columns * mesh.rows;
    const meshAt = allocate(nodes * 16);
    const coordinates = new Float64Array(kernelModule().memory.buffer, meshAt, nodes * 2);
    for (let i = 0; i < nodes; i++) {
      coordinates[2 * i] = mesh.x[i]!;
      coordinates[2 * i + 1] = mesh.y[i]!;
    }
    const table = weightTable(options.weights ?? 'cubic');
    const weights = allocate(table.length * 4);
    floatsAt(weights, table.length).set(table);
    const scratch = allocate(64 + TILE_WIDTH * 32);
    for (let y0 = 0; y0 < height; y0 += TILE_HEIGHT) {
      for (let x0 = 0; x0 < width; x0 += TILE_WIDTH) {
        const tile = {
          x0,
          y0,
          width: Math.min(TILE_WIDTH, width - x0),
          height: Math.min(TILE_HEIGHT, height - y0),
        };
        resampleTile(input, mesh, tile, out, options, meshAt, weights, scratch);
      }
    }
  });
  return out;
}

interface Rectangle {
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
}

function resampleTile(
  input: ResampleInput,
  mesh: ResampleMesh,
  tile: Rectangle,
  out: ResampleInput,
  options: ResampleOptions,
  meshAt: number,
  weights: number,
  scratch: number,
): void {
  withArena(() => {
    const module = kernelModule();
    const under = footprint(input.plane, mesh, tile);
    // A mask load takes eight pixels where a window has six.
    const stride = roundUp(under.width + 8, ALIGNED);
    const plane = allocate(stride * under.height * 4);
    const variance = allocate(stride * under.height * 4);
    const mask = allocate(stride * under.height * 2);
    const pixels = tile.width * tile.height;
    const outPlane = allocate(pixels * 4);
    const outVariance = allocate(pixels * 4);
    const outMask = allocate(pixels * 2);
    const room = allocate(Math.max(stride, tile.width) * 4 + WORD);
    copyRectangle(input.plane, under, plane, stride, Number.NaN, room);
    copyRectangle(input.variance, under, variance, stride, Number.NaN, room);
    copyRectangle(input.mask, under, mask, stride, 0, room);
    module.resampleTile(
      plane,
      variance,
      mask,
      stride,
      under.x0,
      under.y0,
      input.plane.width,
      input.plane.height,
      meshAt,
      mesh.columns,
      mesh.rows,
      mesh.stepPx,
      tile.x0,
      tile.y0,
      tile.width,
      tile.height,
      weights,
      PHASES,
      options.maskThreshold ?? 0.05,
      options.noDataBit,
      options.edgeBit,
      outPlane,
      outVariance,
      outMask,
      scratch,
    );
    pasteRectangle(outPlane, tile, out.plane, room);
    pasteRectangle(outVariance, tile, out.variance, room);
    pasteRectangle(outMask, tile, out.mask, room);
  });
}

/** The input's rectangle that the windows of a tile lie in, within `MARGIN` of the input. */
function footprint(plane: Plane, mesh: ResampleMesh, tile: Rectangle): Rectangle {
  const { stepPx, columns, rows } = mesh;
  const lastCell = (end: number, nodes: number): number => Math.min(Math.floor(end / stepPx) + 1, nodes - 1);
  let [xMin, xMax, yMin, yMax] = [Infinity, -Infinity, Infinity, -Infinity];
  // A cell is bilinear, so its extremes are at its nodes. The last cell also serves what lies beyond it.
  const firstRow = Math.min(Math.floor(tile.y0 / stepPx), rows - 2);
  const firstColumn = Math.min(Math.floor(tile.x0 / stepPx), columns - 2);
  for (let j = firstRow; j <= lastCell(tile.y0 + tile.height - 1, rows); j++) {
    for (let i = firstColumn; i <= lastCell(tile.x0 + tile.width - 1, columns); i++) {
      const x = mesh.x[j * columns + i]!;
      const y = mesh.y[j * columns + i]!;
      if (x < xMin) xMin = x;
      if (x > xMax) xMax = x;
      if (y < yMin) yMin = y;
      if (y > yMax) yMax = y;
    }
  }
  const clamp = (value: number, side: number): number =>
    Math.min(Math.max(value, -MARGIN), side - 1 + MARGIN);
  const x0 = Math.floor(clamp(Math.floor(xMin) - 2, plane.width) / ALIGNED) * ALIGNED;
  const y0 = clamp(Math.floor(yMin) - 2, plane.height);
  return {
    x0,
    y0,
    width: Math.max(1, clamp(Math.floor(xMax) + 3, plane.width) - x0 + 1),
    height: Math.max(1, clamp(Math.floor(yMax) + 3, plane.height) - y0 + 1),
  };
}

/** Copy a rectangle of the input to `to`, `outside` where the input ends; see `copyIn` for `room`. */
function copyRectangle(
  from: Plane | MaskPlane,
  { x0, y0, width, height }: Rectangle,
  to: number,
  stride: number,
  outside: number,
  room: number,
): void {
  const { buffer } = kernelModule().memory;
  const { data } = from;
  const bytes = new Uint8Array(buffer);
  const size = data.BYTES_PER_ELEMENT;
  const target =
    size === 4 ? new Float32Array(buffer, to, stride * height) : new Uint16Array(buffer, to, stride * height);
  const left = Math.min(Math.max(-x0, 0), width);
  const right = Math.max(left, Math.min(width, from.width - x0));
  for (let j = 0; j < height; j++) {
    const y = y0 + j;
    const start = j * stride;
    if (y < 0 || y >= from.height || left === right) {
      target.fill(outside, start, start + stride);
      continue;
    }
    target.fill(outside, start, start + left);
    const first = y * from.width + x0 + left;
    const address = to + (start + left) * size;
    if ((data.byteOffset + first * size - address) % WORD === 0) {
      target.set(data.subarray(first, first + right - left), start + left);
    } else {
      const source = copyIn(data, first, right - left, room);
      bytes.copyWithin(address, source, source + (right - left) * size);
    }
    target.fill(outside, start + right, start + stride);
  }
}

/** Copy a tile of the output from `from` to its place; see `copyOut` for `room`. */
function pasteRectangle(
  from: number,
  { x0, y0, width, height }: Rectangle,
  to: Plane | MaskPlane,
  room: number,
): void {
  const bytes = new Uint8Array(kernelModule().memory.buffer);
  const rowBytes = width * to.data.BYTES_PER_ELEMENT;
  for (let j = 0; j < height; j++) {
    const source = from + j * rowBytes;
    copyOut(to.data, (y0 + j) * to.width + x0, width, room, (address) => {
      bytes.copyWithin(address, source, source + rowBytes);
    });
  }
}

function roundUp(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}

const weightTables = new Map<LanczosWeights, Float32Array<ArrayBuffer>>();

/** Six weights for each phase, laid out as assembly/resample.ts wants them. */
function weightTable(kind: LanczosWeights): Float32Array<ArrayBuffer> {
  let table = weightTables.get(kind);
  if (table === undefined) {
    table = new Float32Array((PHASES + 1) * 8);
    for (let k = 0; k <= PHASES; k++) {
      const weights = lanczosWeights(k / PHASES, kind);
      for (let j = 0; j < 6; j++) table[8 * k + (j < 4 ? j : j + 2)] = weights[j]!;
    }
    weightTables.set(kind, table);
  }
  return table;
}

/**
 * Give the six weights of a Lanczos-3 window.
 *
 * @param fraction of a pixel beyond the third of the six, [0, 1].
 * @returns weights of sum one.
 */
export function lanczosWeights(fraction: number, kind: LanczosWeights): number[] {
  const offsets = [-2, -1, 0, 1, 2, 3].map((tap) => tap - fraction);
  if (kind === 'cubic') return reproduceCubic(offsets);
  const weights = offsets.map(lanczos3);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Lanczos-3 plus g(t) (a + b t + c t^2 + d t^3), such that the weights sum to one and their moments up to the third are
 * zero.
 *
 * g = sinc(t / 3)^2 fades out smoothly at the window's ends. The frequency response then has a fourfold zero at each
 * whole number, so that stars keep their flux where output pixels are a little larger or smaller. Noise is that of plain
 * Lanczos-3 within 0.3 %.
 */
function reproduceCubic(offsets: readonly number[]): number[] {
  const weights = offsets.map(lanczos3);
  const fades = offsets.map((t) => sinc(t / 3) ** 2);
  const moment = (values: readonly number[], power: number): number =>
    values.reduce((total, value, j) => total + value * offsets[j]! ** power, 0);
  const rows = [0, 1, 2, 3].map((i) => [
    ...[0, 1, 2, 3].map((j) => moment(fades, i + j)),
    (i === 0 ? 1 : 0) - moment(weights, i),
  ]);
  const factors = solveSmall(rows);
  return weights.map(
    (weight, j) =>
      weight + fades[j]! * factors.reduce((sum, factor, power) => sum + factor * offsets[j]! ** power, 0),
  );
}

/** Gauss's elimination with pivots, of rows that end with the right-hand side. */
function solveSmall(rows: number[][]): number[] {
  const n = rows.length;
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let k = i + 1; k < n; k++) if (Math.abs(rows[k]![i]!) > Math.abs(rows[pivot]![i]!)) pivot = k;
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    for (let k = 0; k < n; k++) {
      if (k === i) continue;
      const factor = rows[k]![i]! / rows[i]![i]!;
      for (let j = i; j <= n; j++) rows[k]![j]! -= factor * rows[i]![j]!;
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}

function lanczos3(t: number): number {
  return Math.abs(t) >= 3 ? 0 : sinc(t) * sinc(t / 3);
}

function sinc(t: number): number {
  if (t === 0) return 1;
  // sin(pi t) of a whole number is exactly zero.
  return Number.isInteger(t) ? 0 : Math.sin(Math.PI * t) / (Math.PI * t);
}

function requireFit(input: ResampleInput, mesh: ResampleMesh, width: number, height: number): void {
  const { plane, variance, mask } = input;
  for (const other of [variance, mask]) {
    if (other.width !== plane.width || other.height !== plane.height) {
      throw new RangeError(
        `Plane, variance and mask must be of one size, not ${plane.width} x ${plane.height} and ${other.width} x ${other.height}.`,
      );
    }
  }
  const { stepPx, columns, rows, x, y } = mesh;
  const spans = (nodes: number, side: number): boolean => nodes >= 2 && (nodes - 1) * stepPx >= side - 1;
  if (!Number.isInteger(stepPx) || stepPx < 1 || !spans(columns, width) || !spans(rows, height)) {
    throw new RangeError(
      `A mesh of ${columns} x ${rows} nodes every ${stepPx} px does not span ${width} x ${height} pixels.`,
    );
  }
  if (x.length < columns * rows || y.length < columns * rows) {
    throw new RangeError(`The mesh has fewer than ${columns} x ${rows} coordinates.`);
  }
}
