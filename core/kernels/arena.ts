import { halfBytes } from './half-layout.ts';
import { dropKernelModule, kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';
import type { Spectrum } from './spectrum.ts';

/**
 * Memory of the kernels that lives until the end of one `withArena`.
 *
 * A plane or spectrum made here is used by kernels in place, where one outside is copied in and out (16 MiB take
 * about 2 ms). It must not leave the callback and cannot cross threads. Read its `data` anew after each kernel call:
 * the memory may have grown, which detaches older views.
 */
export interface Arena {
  /** Make a plane; its pixels are not cleared. */
  plane(width: number, height: number): Plane;
  /** Make a plane as `plane` does, with room for what `subtractPlanes` and `spreadVariances` write in its place. */
  transformable(width: number, height: number): TransformablePlane;
  /** Make a spectrum of a real plane of this size; its values are not cleared. */
  spectrum(width: number, height: number): Spectrum;
  /** Copy a plane into the arena. */
  hold(plane: Plane): Plane;
}

/** A plane whose memory its half spectrum takes. */
export interface TransformablePlane extends Plane {
  /** Address of the memory, which holds both. */
  readonly half: number;
}

const PAGE = 65536;
const ALIGNMENT = 64;

// First free byte of the kernels' memory; 0 until the module is there. Everything above it is free.
let free = 0;

/**
 * Run `work` with kernel memory of its own, all freed when it returns or throws; may nest.
 *
 * `work` must not be async: the memory is a stack.
 */
export function withArena<Result>(work: (arena: Arena) => Result): Result {
  const mark = free;
  try {
    return work(arena);
  } finally {
    free = mark;
  }
}

/**
 * Give the kernels' memory of this thread back to the system; the next kernel call starts anew.
 *
 * WebAssembly memory grows to the largest need and never shrinks: a long-lived thread calls this after a rare huge image.
 *
 * @throws RangeError inside `withArena`.
 */
export function releaseKernelMemory(): void {
  if (free !== 0 && free !== alignUp(kernelModule().heapBase())) {
    throw new RangeError(
      'Kernel memory is in use: releaseKernelMemory() must be called outside withArena().',
    );
  }
  free = 0;
  dropKernelModule();
}

/** Bytes of kernel memory that this thread holds, used or not. */
export function kernelMemoryBytes(): number {
  return kernelModule().memory.buffer.byteLength;
}

const arena: Arena = {
  plane: (width, height) => {
    const address = allocate(width * height * 4);
    return {
      width,
      height,
      get data() {
        return floatsAt(address, width * height);
      },
    };
  },
  transformable: (width, height) => {
    const half = allocate(Math.max(width * height * 4, halfBytes(width, height)));
    return {
      width,
      height,
      half,
      get data() {
        return floatsAt(half, width * height);
      },
    };
  },
  spectrum: (width, height) => {
    const length = (width + 2) * height;
    const address = allocate(length * 4);
    return {
      width,
      height,
      get data() {
        return floatsAt(address, length);
      },
    };
  },
  hold: (plane) => {
    const copy = arena.plane(plane.width, plane.height);
    copy.data.set(plane.data);
    return copy;
  },
};

/** Take bytes from the arena, 64-byte aligned, with 64 bytes of slack after them; returns the address. */
export function allocate(bytes: number): number {
  const { memory, heapBase } = kernelModule();
  if (free === 0) free = alignUp(heapBase());
  const address = free;
  const end = alignUp(address + bytes + ALIGNMENT);
  const missing = end - memory.buffer.byteLength;
  // An eighth more than asked, so that a series of growing images does not grow the memory at each.
  if (missing > 0) memory.grow(Math.ceil((missing + end / 8) / PAGE));
  free = end;
  return address;
}

/** View floats of the kernels' memory; valid until the next `allocate`. */
export function floatsAt(address: number, length: number): Float32Array {
  return new Float32Array(kernelModule().memory.buffer, address, length);
}

let heap = { module: undefined as unknown, floats: new Float32Array(0), doubles: new Float64Array(0) };

/** View all of the kernels' memory, without making a view at every call. */
function viewHeap(): typeof heap {
  const module = kernelModule();
  // Views of memory that has grown since are empty.
  if (heap.module !== module || heap.floats.length === 0) {
    const { buffer } = module.memory;
    heap = { module, floats: new Float32Array(buffer), doubles: new Float64Array(buffer) };
  }
  return heap;
}

/** View all of the kernels' memory as floats; valid until the next `allocate`. */
export function heapFloats(): Float32Array {
  return viewHeap().floats;
}

/** View all of the kernels' memory as doubles; valid until the next `allocate`. */
export function heapDoubles(): Float64Array {
  return viewHeap().doubles;
}

/** View bytes of the kernels' memory; valid until the next `allocate`. */
export function bytesAt(address: number, length: number): Uint8Array {
  return new Uint8Array(kernelModule().memory.buffer, address, length);
}

/** Address of an array that lives in the kernels' memory, undefined for any other. */
export function addressOf(data: Float32Array): number | undefined {
  return data.buffer === kernelModule().memory.buffer ? data.byteOffset : undefined;
}

/** Address of a plane that a kernel writes in place. @throws RangeError for one outside the arena */
export function inArena({ data }: Plane): number {
  const address = addressOf(data);
  if (address === undefined) throw new RangeError('This kernel writes to planes of an arena alone.');
  return address;
}

/** Address of an array's values in the kernels' memory: its own, or that of a copy made in the arena. */
export function borrow(data: Float32Array): number {
  const own = addressOf(data);
  if (own !== undefined) return own;
  const address = allocate(data.length * 4);
  floatsAt(address, data.length).set(data);
  return address;
}

/** Bytes that shared memory is copied by, when source and target lie alike in them. */
export const WORD = 8;

/**
 * Bring `length` values from `start` of an array into the kernels' memory at `room`, and return where they are: in
 * place for an array in the arena, else within a word of `room`, which has a word to spare.
 *
 * V8 copies shared memory by words where source and target have the same offset within one, and byte by byte, eight
 * times slower, where they have not.
 */
export function copyIn(
  data: Float32Array | Uint16Array | Uint8Array,
  start: number,
  length: number,
  room: number,
): number {
  const { memory } = kernelModule();
  const size = data.BYTES_PER_ELEMENT;
  const offset = data.byteOffset + start * size;
  if (data.buffer === memory.buffer) return offset;
  const address = room + (offset % WORD);
  new Uint8Array(memory.buffer, address, length * size).set(
    new Uint8Array(data.buffer, offset, length * size),
  );
  return address;
}

/**
 * Have `write` put `length` values at the address that it is given, and see that they end up from `start` of an array.
 * The address is in the array itself when it lives in the arena, else within a word of `room`, as in `copyIn`.
 */
export function copyOut(
  data: Float32Array | Uint16Array,
  start: number,
  length: number,
  room: number,
  write: (address: number) => void,
): void {
  const { memory } = kernelModule();
  const size = data.BYTES_PER_ELEMENT;
  const offset = data.byteOffset + start * size;
  if (data.buffer === memory.buffer) {
    write(offset);
    return;
  }
  const address = room + (offset % WORD);
  write(address);
  new Uint8Array(data.buffer, offset, length * size).set(
    new Uint8Array(memory.buffer, address, length * size),
  );
}

function alignUp(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}
