import type { MaskPlane, Plane } from './plane.ts';

/**
 * Memory that lives until the end of one `withScratch`, for planes that a function needs on its way.
 *
 * What is lent is not cleared unless it says so. It must not leave the callback and cannot cross threads.
 */
export interface Scratch {
  plane(width: number, height: number): Plane;
  mask(width: number, height: number): MaskPlane;
  bytes(length: number): Uint8Array;
  /** Zeros; memory is taken only for those stretches that are written. */
  zeroBytes(length: number): Uint8Array;
  zeroInts(length: number): Int32Array;
  zeroFloats(length: number): Float32Array;
  zeroDoubles(length: number): Float64Array;
}

// What calls gave back, for the next one to use: memory fresh from the system costs a fault every page.
let idle: ArrayBuffer[] = [];
/** No more of it is kept between inner calls, bytes: images that are larger than that take much longer than their pages. */
const MOST_IDLE = 32 << 20;
/** The same after the outermost call. */
let mostKept = 0;
const LEAST_KEPT = 1 << 16;
let depth = 0;

/**
 * Keep so many bytes of scratch memory after an outermost call for the next one, until told otherwise; 0 keeps none.
 *
 * Memory that comes and goes does more harm than its pages cost: V8 counts what was asked for, and collects everything,
 * compiled code with it, after every 64 MB.
 */
export function keepScratch(bytes: number): void {
  mostKept = bytes;
  if (depth === 0) keepIdle(mostKept, LEAST_KEPT);
}

/**
 * Run `work` with scratch memory of its own; may nest.
 *
 * At the end of an inner call its memory serves the next one, at the end of the outermost all that `keepScratch` does not
 * ask for goes back to the system at once: nothing waits for the garbage collector. `work` must not be async.
 */
export function withScratch<Result>(work: (scratch: Scratch) => Result): Result {
  const lent: ArrayBuffer[] = [];
  // Never lent again where nothing is kept: the system has zeros, and takes memory for those only that are written.
  const zeroed: ArrayBuffer[] = [];
  const lend = (bytes: number): ArrayBuffer => {
    const buffer = takeIdle(bytes) ?? new ArrayBuffer(bytes);
    lent.push(buffer);
    return buffer;
  };
  const zeros = (bytes: number): ArrayBuffer => {
    const used = mostKept > 0 ? takeIdle(bytes) : undefined;
    if (used) new Uint8Array(used, 0, bytes).fill(0);
    const buffer = used ?? new ArrayBuffer(bytes);
    if (mostKept > 0) lent.push(buffer);
    else zeroed.push(buffer);
    return buffer;
  };
  depth++;
  try {
    return work({
      plane: (width, height) => ({
        width,
        height,
        data: new Float32Array(lend(width * height * 4), 0, width * height),
      }),
      mask: (width, height) => ({
        width,
        height,
        data: new Uint16Array(lend(width * height * 2), 0, width * height),
      }),
      bytes: (length) => new Uint8Array(lend(length), 0, length),
      zeroBytes: (length) => new Uint8Array(zeros(length), 0, length),
      zeroInts: (length) => new Int32Array(zeros(length * 4), 0, length),
      zeroFloats: (length) => new Float32Array(zeros(length * 4), 0, length),
      zeroDoubles: (length) => new Float64Array(zeros(length * 8), 0, length),
    });
  } finally {
    depth--;
    zeroed.forEach(free);
    idle.push(...lent);
    if (depth === 0) keepIdle(mostKept, LEAST_KEPT);
    else keepIdle(Math.max(MOST_IDLE, mostKept));
  }
}

/** The smallest idle buffer that holds so many bytes, unless most of it would lie fallow. */
function takeIdle(bytes: number): ArrayBuffer | undefined {
  let best = -1;
  for (let k = 0; k < idle.length; k++) {
    const size = idle[k]!.byteLength;
    if (size >= bytes && size <= 2 * bytes && (best < 0 || size < idle[best]!.byteLength)) best = k;
  }
  return best < 0 ? undefined : idle.splice(best, 1)[0];
}

/** Keep so many bytes of idle memory at most, the latest, and none that is too small to be worth a search. */
function keepIdle(most: number, least = 0): void {
  let bytes = 0;
  idle = idle
    .reverse()
    .filter((buffer) => {
      const isKept = buffer.byteLength >= least && bytes + buffer.byteLength <= most;
      if (isKept) bytes += buffer.byteLength;
      else free(buffer);
      return isKept;
    })
    .reverse();
}

/** Give a buffer's memory back now: whoever still looks at it sees nothing. */
function free(buffer: ArrayBuffer): void {
  buffer.transfer(0);
}
