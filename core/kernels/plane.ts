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

let bytesMade = 0;

/** Bytes of planes that this thread has made since it was last asked. */
export function takeBytesMade(): number {
  const bytes = bytesMade;
  bytesMade = 0;
  return bytes;
}

/** Make a plane of zeros that threads can share. */
export function makePlane(width: number, height: number): Plane {
  bytesMade += width * height * 4;
  return { width, height, data: new Float32Array(new SharedArrayBuffer(width * height * 4)) };
}

/** Make a mask of zeros that threads can share. */
export function makeMaskPlane(width: number, height: number): MaskPlane {
  bytesMade += width * height * 2;
  return { width, height, data: new Uint16Array(new SharedArrayBuffer(width * height * 2)) };
}
