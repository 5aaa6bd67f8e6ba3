import { allocate, copyOut, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';

/** Where along a row each cubic holds. */
export interface CubicIntervals {
  /** First pixel of each interval, and the width at the end. */
  readonly starts: Int32Array;
  /** The cubics' variable at that pixel. */
  readonly offsets: Float32Array;
  /** What it grows by from pixel to pixel. */
  readonly step: number;
}

const BAND_ROWS = 32;

/**
 * Fill a plane with rows of piecewise cubics a + d (b + d (c + d e)).
 *
 * @param cubicsOf writes a, b, c, e of each interval of row `y`.
 */
export function fillCubics(
  out: Plane,
  { starts, offsets, step }: CubicIntervals,
  cubicsOf: (y: number, cubics: Float32Array) => void,
): void {
  const { width, height } = out;
  const intervals = offsets.length;
  const row = new Float32Array(4 * intervals);
  withArena(() => {
    const startsAt = allocate(starts.byteLength);
    const offsetsAt = allocate(offsets.byteLength);
    const cubicsAt = allocate(BAND_ROWS * row.byteLength);
    const band = allocate(BAND_ROWS * width * 4 + WORD + 16);
    const module = kernelModule();
    const { buffer } = module.memory;
    new Int32Array(buffer, startsAt, starts.length).set(starts);
    new Float32Array(buffer, offsetsAt, intervals).set(offsets);
    for (let first = 0; first < height; first += BAND_ROWS) {
      const rows = Math.min(BAND_ROWS, height - first);
      for (let y = 0; y < rows; y++) {
        cubicsOf(first + y, row);
        new Float32Array(buffer, cubicsAt + y * row.byteLength, row.length).set(row);
      }
      copyOutRows(out, first, rows, band, (address) => {
        module.fillCubics(cubicsAt, startsAt, offsetsAt, intervals, step, address, width * 4, rows);
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
