import { allocate } from './arena.ts';
import { kernelModule } from './load-module.ts';
import { roomToShift, WEIGHTS, writeShift } from './shift-stamp.ts';

/** A profile of elliptical isophotes, and tables of corrections to it. */
export interface EllipseProfile {
  /** t^2 = cxx u^2 + cxy u v + cyy v^2 at (u, v) px from the centre. */
  readonly cxx: number;
  readonly cyy: number;
  readonly cxy: number;
  /** Values at t = 0, 1 / scale, 2 / scale ...: linear between them, zero from the last but one on. None: tables alone. */
  readonly radial: Float64Array;
  readonly scale: number;
  /** (side, side), `side` odd, centred. */
  readonly tables: readonly (Float64Array | Float32Array)[];
  readonly side: number;
}

/** Draws one profile at many places; lives as long as the arena in which it first draws. */
export interface ProfilePress {
  /**
   * Draw a profile into a stamp (size, size), overwritten: the ellipse exactly, the tables, each times its factor, moved as
   * `shiftStamp` does.
   *
   * @param dx, dy where its centre lies from the middle of the stamp, px, 4 at most.
   * @param size odd, at most the side of the tables where there are factors.
   * @param factors one for each table; none leaves the tables out.
   * @throws RangeError for a stamp larger than the tables
   */
  draw(
    profile: EllipseProfile,
    dx: number,
    dy: number,
    factors: Float64Array | undefined,
    size: number,
    stamp: Float64Array,
  ): void;
}

/**
 * Make a press: it keeps the profile drawn last in the kernels' memory. To be called within `withArena`, and used where no
 * other has been opened since.
 */
export function makePress(): ProfilePress {
  let held: EllipseProfile | undefined;
  let start = 0;
  let room = 0;
  let largest = 0;
  let memory = new Float64Array(0);
  /** View the kernels' memory, which moves when it grows. */
  const view = (): Float64Array => {
    const { buffer } = kernelModule().memory;
    if (memory.buffer !== buffer || memory.byteOffset !== start)
      memory = new Float64Array(buffer, start, room);
    return memory;
  };
  return {
    draw: (profile, dx, dy, factors, size, stamp) => {
      const { radial, tables, side } = profile;
      if (factors && size > side)
        throw new RangeError(`tables of ${side} x ${side} px do not fill a stamp of ${size} x ${size} px`);
      const module = kernelModule();
      const terms = tables.length;
      const [atFactors, atRadial] = [WEIGHTS, WEIGHTS + terms];
      const atTables = atRadial + radial.length;
      const atMixed = atTables + terms * side * side + 1;
      const most = Math.max(largest, side, size);
      const atStamp = atMixed + most * most + 1;
      const atRoom = atStamp + most * most + 1;
      if (profile !== held || most > largest) {
        const needed = atRoom + roomToShift(most);
        if (needed > room) {
          start = allocate(8 * needed);
          room = needed;
        }
        largest = most;
        const doubles = view();
        doubles.set(radial, atRadial);
        tables.forEach((table, t) => {
          doubles.set(table, atTables + t * side * side);
        });
        held = profile;
      }
      const doubles = view();
      let [firstX, firstY] = [0, 0];
      if (factors) {
        firstX = writeShift(dx, doubles, 0);
        firstY = writeShift(dy, doubles, WEIGHTS / 2);
        for (let t = 0; t < terms; t++) doubles[atFactors + t] = factors[t]!;
      }
      const at = (index: number) => start + 8 * index;
      module.drawProfile(
        at(atRadial),
        radial.length - 2,
        profile.scale,
        profile.cxx,
        profile.cyy,
        profile.cxy,
        dx,
        dy,
        size,
        at(atTables),
        factors ? terms : 0,
        side,
        at(atFactors),
        start,
        firstX,
        firstY,
        at(atRoom),
        at(atMixed),
        at(atStamp),
      );
      const pixels = size * size;
      stamp.set(doubles.subarray(atStamp, atStamp + pixels));
    },
  };
}
