/**
 * A two-dimensional image of floats.
 *
 * Row-major; x to the right, y up; pixel (x, y) is `data[y * width + x]` and its centre is at (x, y).
 * `data.length === width * height`. Read-only once its maker has returned it.
 */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** A plane of sixteen mask bits a pixel, same layout as `Plane`. */
export interface MaskPlane {
  readonly width: number;
  readonly height: number;
  readonly data: Uint16Array;
}

/** Make a plane of zeros that threads can share. */
export function makePlane(width: number, height: number): Plane {
  return { width, height, data: new Float32Array(new SharedArrayBuffer(width * height * 4)) };
}

/** Make a mask of zeros that threads can share. */
export function makeMaskPlane(width: number, height: number): MaskPlane {
  return { width, height, data: new Uint16Array(new SharedArrayBuffer(width * height * 2)) };
}
