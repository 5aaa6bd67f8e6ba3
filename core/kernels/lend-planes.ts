import { type MaskPlane, makeMaskPlane, makePlane, type Plane } from './plane.ts';

// Memory of planes that were given back, the latest last.
let idle: SharedArrayBuffer[] = [];
/** No more of it is kept, bytes: the planes of one difference of 2048 x 2048. Larger images take much longer than their pages. */
const MOST_IDLE = 96 << 20;

/**
 * Make a plane that threads can share, of memory that was given back where there is any of its size; its pixels are not
 * cleared.
 *
 * Memory fresh from the system costs a fault every page: a tenth of what it takes to subtract two images.
 */
export function lendPlane(width: number, height: number): Plane {
  const buffer = takeIdle(width * height * 4);
  return buffer ? { width, height, data: new Float32Array(buffer) } : makePlane(width, height);
}

/** As `lendPlane`, for a mask. */
export function lendMaskPlane(width: number, height: number): MaskPlane {
  const buffer = takeIdle(width * height * 2);
  return buffer ? { width, height, data: new Uint16Array(buffer) } : makeMaskPlane(width, height);
}

/**
 * Give planes back, to be lent anew by this thread.
 *
 * Nobody on any thread may look at them any more, nor at anything else that lies in their memory. Those that are part of
 * larger memory, or not shared, are left alone.
 */
export function giveBackPlanes(planes: readonly (Plane | MaskPlane)[]): void {
  for (const { data } of planes) {
    const { buffer } = data;
    if (!(buffer instanceof SharedArrayBuffer) || buffer.byteLength !== data.byteLength) continue;
    if (!idle.includes(buffer)) idle.push(buffer);
  }
  let bytes = 0;
  let kept = idle.length;
  while (kept > 0 && bytes + idle[kept - 1]!.byteLength <= MOST_IDLE) bytes += idle[--kept]!.byteLength;
  idle = idle.slice(kept);
}

/** Let go of all planes that were given back. */
export function dropIdlePlanes(): void {
  idle = [];
}

function takeIdle(bytes: number): SharedArrayBuffer | undefined {
  const at = idle.findLastIndex((buffer) => buffer.byteLength === bytes);
  return at < 0 ? undefined : idle.splice(at, 1)[0];
}
