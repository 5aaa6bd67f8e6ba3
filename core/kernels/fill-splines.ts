import { allocate, copyOut, floatsAt, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';

/** Cubic splines through values at the centres of meshes, (rows, columns). */
export interface MeshSpline {
  readonly columns: number;
  readonly rows: number;
  /** Side of a mesh, px. */
  readonly meshPx: number;
  readonly values: Float32Array;
  /** A sixth of the second derivatives along y at every centre. */
  readonly bends: Float64Array;
  /** First pixel of each interval along a row, and the width at the end; one interval fewer than columns, at least one. */
  readonly starts: Int32Array;
  /** How far that pixel is from the centre before it, in meshes. */
  readonly offsets: Float32Array;
}

const BAND_ROWS = 32;

/** Fill a plane, whose first row is row `firstRow` of the image, with splines. */
export function fillSplines(out: Plane, spline: MeshSpline, firstRow = 0): void {
  const { columns, rows, meshPx, values, bends, starts, offsets } = spline;
  const { width, height } = out;
  const intervals = offsets.length;
  const step = 1 / meshPx;
  withArena(() => {
    const valuesAt = allocate(values.byteLength);
    const bendsAt = allocate(bends.byteLength);
    const startsAt = allocate(starts.byteLength);
    const offsetsAt = allocate(offsets.byteLength);
    const work = allocate(5 * 8 * columns);
    const cubics = allocate(BAND_ROWS * intervals * 16);
    const band = allocate(BAND_ROWS * width * 4 + WORD + 16);
    const module = kernelModule();
    const { buffer } = module.memory;
    floatsAt(valuesAt, values.length).set(values);
    new Float64Array(buffer, bendsAt, bends.length).set(bends);
    new Int32Array(buffer, startsAt, starts.length).set(starts);
    floatsAt(offsetsAt, intervals).set(offsets);
    for (let first = 0; first < height; first += BAND_ROWS) {
      const count = Math.min(BAND_ROWS, height - first);
      module.layCubics(valuesAt, bendsAt, columns, rows, meshPx, firstRow + first, count, work, cubics);
      copyOutRows(out, first, count, band, (address) => {
        module.fillCubics(cubics, startsAt, offsetsAt, intervals, step, address, width * 4, count);
      });
    }
  });
}

/** Blocks of rows whose cubics are remembered. */
const BLOCKS = 8;

/** Make a function that gives single pixels of what `fillSplines` fills, to the bit; neighbours and rising rows are cheap. */
export function readSplines(spline: MeshSpline, width: number): (x: number, y: number) => number {
  const { offsets, starts, meshPx } = spline;
  const intervals = offsets.length;
  const intervalOf = new Uint16Array(width);
  const distances = new Float32Array(width);
  for (let k = 0; k < intervals; k++) {
    // Four pixels at a time go on from the four before.
    for (let x = starts[k]!; x < starts[k + 1]!; x++) {
      const place = x - starts[k]!;
      intervalOf[x] = k;
      distances[x] =
        place < 4
          ? offsets[k]! + Math.fround(Math.fround(1 / meshPx) * place)
          : distances[x - 4]! + Math.fround(4 * Math.fround(1 / meshPx));
    }
  }
  const blocks = Array.from({ length: BLOCKS }, () => ({ number: -1, cubics: new Float32Array(0) }));
  return (x, y) => {
    const number = Math.floor(y / BAND_ROWS);
    const block = blocks[number % BLOCKS]!;
    if (block.number !== number) {
      if (block.cubics.length === 0) block.cubics = new Float32Array(BAND_ROWS * intervals * 4);
      takeCubics(spline, number * BAND_ROWS, block.cubics);
      block.number = number;
    }
    const { cubics } = block;
    const at = 4 * ((y - number * BAND_ROWS) * intervals + intervalOf[x]!);
    const d = distances[x]!;
    const inner = Math.fround(cubics[at + 2]! + Math.fround(d * cubics[at + 3]!));
    const slope = Math.fround(cubics[at + 1]! + Math.fround(d * inner));
    return Math.fround(cubics[at]! + Math.fround(d * slope));
  };
}

/** Lay the cubics of a band of rows from `firstRow` on, as many as `out` holds. */
function takeCubics(spline: MeshSpline, firstRow: number, out: Float32Array): void {
  const { columns, rows, meshPx, values, bends } = spline;
  withArena(() => {
    const valuesAt = allocate(values.byteLength);
    const bendsAt = allocate(bends.byteLength);
    const work = allocate(5 * 8 * columns);
    const cubics = allocate(out.byteLength);
    const module = kernelModule();
    floatsAt(valuesAt, values.length).set(values);
    new Float64Array(module.memory.buffer, bendsAt, bends.length).set(bends);
    module.layCubics(valuesAt, bendsAt, columns, rows, meshPx, firstRow, BAND_ROWS, work, cubics);
    out.set(floatsAt(cubics, out.length));
  });
}

/** As `copyOut`, but never in place: a row's overhang would write beyond the plane. */
function copyOutRows(
  out: Plane,
  first: number,
  rows: number,
  room: number,
  write: (address: number) => void,
): void {
  const { buffer } = kernelModule().memory;
  if (out.data.buffer !== buffer) {
    copyOut(out.data, first * out.width, rows * out.width, room, write);
    return;
  }
  write(room);
  out.data.set(new Float32Array(buffer, room, rows * out.width), first * out.width);
}
