import { giveBackMemory, takeIdleMemory, takeMemory } from './plane-memory.ts';

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
  return floatsIn(takeMemory(width * height * 4, true), width, height);
}

/**
 * Make a small plane of zeros for this thread alone. Memory that threads share takes ten microseconds to make, however little,
 * and V8 copies it more slowly; what is drawn and forgotten by hundreds need not be shared.
 */
export function makeStamp(width: number, height: number): Plane {
  return { width, height, data: new Float32Array(width * height) };
}

/** Make a mask of zeros that threads can share. */
export function makeMaskPlane(width: number, height: number): MaskPlane {
  return bitsIn(takeMemory(width * height * 2, true), width, height);
}

/** As `makePlane`, for who writes every pixel: they are not cleared. */
export function lendPlane(width: number, height: number): Plane {
  return floatsIn(takeMemory(width * height * 4, false), width, height);
}

/** As `lendPlane`, for a mask. */
export function lendMaskPlane(width: number, height: number): MaskPlane {
  return bitsIn(takeMemory(width * height * 2, false), width, height);
}

/**
 * Give planes back, to be lent anew.
 *
 * Nobody on any thread may look at them any more, nor at anything else that lies in their memory. Those that are part of
 * larger memory, not shared, or given back before are left alone.
 */
export function giveBackPlanes(planes: readonly (Plane | MaskPlane)[]): void {
  giveBackMemory(planes.map(({ data }) => data));
}

/** Give back all planes that a result speaks of; lists hold none. */
export function giveBackPlanesOf(result: unknown): void {
  giveBackPlanes(planesOf(result));
}

/** Let go of all planes that were given back. */
export function dropIdlePlanes(): void {
  takeIdleMemory();
}

function planesOf(value: unknown): readonly (Plane | MaskPlane)[] {
  if (value === null || typeof value !== 'object') return [];
  if (ArrayBuffer.isView(value) || Array.isArray(value)) return [];
  const { width, height, data } = value as Partial<Plane | MaskPlane>;
  const isPlane = data instanceof Float32Array || data instanceof Uint16Array;
  if (isPlane && data.length === Number(width) * Number(height)) return [value as Plane];
  return Object.values(value).flatMap(planesOf);
}

const floatsIn = (memory: SharedArrayBuffer, width: number, height: number): Plane => ({
  width,
  height,
  data: new Float32Array(memory, 0, width * height),
});

const bitsIn = (memory: SharedArrayBuffer, width: number, height: number): MaskPlane => ({
  width,
  height,
  data: new Uint16Array(memory, 0, width * height),
});
