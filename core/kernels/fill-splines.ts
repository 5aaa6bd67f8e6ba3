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
    const work = allocate(3 * 8 * columns);
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
