/**
 * Memory of planes that threads can share, and what of it nobody uses.
 *
 * Its last word says whether it is in use. It lies in the memory itself, so that whoever holds it under whatever name, on
 * whatever thread, finds the same: memory that two results share is given back once, and never lent twice.
 */
const IN_USE = 0x1e4d;
const IDLE = 0x1d7e;
const WORD = 8;

// The latest last.
const idle: SharedArrayBuffer[] = [];
/** No more of it is kept, bytes: the planes of a pair of 2048 x 2048. Larger images take much longer than their pages. */
const MOST_IDLE = 256 << 20;
/** Smaller ones come and go without notice. */
const LEAST_ASKED = 1 << 20;

let made = 0;
let asked: number[] = [];
let isSpoiled = false;

/** Size of the memory of so many bytes of pixels. */
const sizeFor = (bytes: number): number => Math.ceil(bytes / WORD) * WORD + WORD;
const stateOf = (buffer: SharedArrayBuffer): Int32Array =>
  new Int32Array(buffer, buffer.byteLength - WORD, 1);

/**
 * Take memory for so many bytes of pixels: what was given back where there is any of that size, else fresh from the system,
 * at a fault for every page.
 *
 * @param isCleared the pixels are zero; otherwise they are whatever was there.
 */
export function takeMemory(bytes: number, isCleared: boolean): SharedArrayBuffer {
  const size = sizeFor(bytes);
  if (bytes >= LEAST_ASKED) asked.push(size);
  const at = idle.findLastIndex(({ byteLength }) => byteLength === size);
  const [used] = at < 0 ? [] : idle.splice(at, 1);
  const buffer = used ?? new SharedArrayBuffer(size);
  if (used === undefined) made += bytes;
  const before = Atomics.exchange(stateOf(buffer), 0, IN_USE);
  if (before !== (used ? IDLE : 0)) throw new Error('memory of a plane that is in use was to be lent again');
  if (used && isCleared) new Float64Array(buffer, 0, size / WORD - 1).fill(0);
  return buffer;
}

/**
 * Give back the memory of pixels, once nobody on any thread looks at them any more.
 *
 * What is not such memory, or only a part of it, or was given back before, is left alone.
 */
export function giveBackMemory(pixels: readonly (Float32Array | Uint16Array)[]): void {
  const free: SharedArrayBuffer[] = [];
  for (const { buffer, byteOffset, byteLength } of pixels) {
    if (!(buffer instanceof SharedArrayBuffer) || byteOffset !== 0) continue;
    if (buffer.byteLength !== sizeFor(byteLength)) continue;
    if (Atomics.compareExchange(stateOf(buffer), 0, IN_USE, IDLE) !== IN_USE) continue;
    if (isSpoiled) new Uint8Array(buffer, 0, byteLength).fill(0xff);
    free.push(buffer);
  }
  addIdleMemory(free);
}

/**
 * Take idle memory out of this thread's hands, for another thread: of these sizes as far as there is any, or all of it, of
 * which what is too small to be worth keeping is let go of.
 */
export function takeIdleMemory(sizes?: readonly number[]): readonly SharedArrayBuffer[] {
  if (sizes === undefined) return idle.splice(0).filter(({ byteLength }) => byteLength >= LEAST_ASKED);
  return sizes.flatMap((size) => {
    const at = idle.findLastIndex(({ byteLength }) => byteLength === size);
    return at < 0 ? [] : idle.splice(at, 1);
  });
}

/** Let this thread lend memory that another one had idle. */
export function addIdleMemory(buffers: readonly SharedArrayBuffer[]): void {
  idle.push(...buffers);
  let bytes = 0;
  let kept = idle.length;
  while (kept > 0 && bytes + idle[kept - 1]!.byteLength <= MOST_IDLE) bytes += idle[--kept]!.byteLength;
  idle.splice(0, kept);
}

/** Bytes of pixels in fresh memory that this thread has taken, or was told of, since it was last asked. */
export function takeBytesMade(): number {
  const bytes = made;
  made = 0;
  return bytes;
}

/** Tell whether that is so many or more, and count from zero if it is. */
export function hasMade(bytes: number): boolean {
  if (made < bytes) return false;
  made = 0;
  return true;
}

/** Count what another thread has made. */
export function countBytesMade(bytes: number): void {
  made += bytes;
}

/** Sizes of memory of a megabyte and more that this thread was asked for since it last told. */
export function takeSizesAsked(): readonly number[] {
  const sizes = asked;
  asked = [];
  return sizes;
}

/**
 * Fill what is given back with numbers that are none, for tests: whoever still looks at it, or takes it for clear, then
 * finds NaN.
 */
export function spoilIdleMemory(isOn: boolean): void {
  isSpoiled = isOn;
}
