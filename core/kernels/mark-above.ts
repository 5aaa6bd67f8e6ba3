import { allocate, bytesAt, copyIn, copyOut, floatsAt, WORD, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { MaskPlane, Plane } from './plane.ts';
import type { RowSource } from './row-source.ts';

/** Pixels looked at a time. */
const CHUNK = 131072;

/** List the pixels (y * width + x, rising) that are not finite or have any of some mask bits. */
export function listUnusable(plane: Plane, mask: MaskPlane | undefined, excludedBits: number): Int32Array {
  const { length } = plane.data;
  const parts: Int32Array[] = [];
  let total = 0;
  withArena(() => {
    const room = allocate(CHUNK * 4 + WORD);
    const maskRoom = allocate(CHUNK * 2 + WORD);
    const list = allocate(CHUNK * 4);
    const module = kernelModule();
    for (let first = 0; first < length; first += CHUNK) {
      const count = Math.min(CHUNK, length - first);
      const from = copyIn(plane.data, first, count, room);
      const bits = mask === undefined ? 0 : copyIn(mask.data, first, count, maskRoom);
      const found = module.listUnusable(from, bits, excludedBits, count, list);
      if (found === 0) continue;
      const part = new Int32Array(module.memory.buffer, list, found).map((at) => at + first);
      parts.push(part);
      total += found;
    }
  });
  const all = new Int32Array(total);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** What stands out is found by. */
export interface AboveOptions {
  /** Pixels that count as zero, rising: `listUnusable`. Beyond the edges all is zero. */
  readonly missing: Int32Array;
  /** Convolved with the image first, as `convolve`; both sides odd. */
  readonly kernel: Plane;
  /** Noise of each pixel, or of all. */
  readonly rms: Plane | RowSource | number;
  /** In rms. */
  readonly threshold: number;
}

/** A convolved image, and where it is above the threshold. */
export interface AboveThreshold {
  /** 1 where above. */
  readonly above: Uint8Array;
  readonly smoothed: Float32Array;
}

/** Floats of a band, as in `runBands`. */
const BAND_FLOATS = 131072;

/**
 * Convolve an image with a small kernel and mark the pixels above a threshold, in one pass.
 *
 * @param out written in full.
 */
export function markAbove(
  plane: Plane,
  { missing, kernel, rms, threshold }: AboveOptions,
  out: AboveThreshold = {
    above: new Uint8Array(plane.data.length),
    smoothed: new Float32Array(plane.data.length),
  },
): AboveThreshold {
  const { width, height } = plane;
  const { above, smoothed } = out;
  const radiusX = kernel.width >> 1;
  const radiusY = kernel.height >> 1;
  let nextMissing = 0;
  withArena(() => {
    const module = kernelModule();
    const bandRows = Math.min(height, Math.max(8, 4 * radiusY, Math.floor(BAND_FLOATS / width)));
    const padded = Math.ceil(width / 64) * 64;
    const stride = (padded + 2 * radiusX + 16) * 4;
    const pitch = padded * 4;
    const tall = bandRows + 2 * radiusY;
    const taps = allocate(kernel.data.length * 4);
    floatsAt(taps, kernel.data.length).set(kernel.data.toReversed());
    const band = allocate(stride * tall);
    const result = allocate(pitch * bandRows);
    const bytes = allocate(padded * bandRows);
    const raw = allocate(tall * width * 4 + WORD);
    const packed = allocate(bandRows * width * 4 + WORD);
    const noiseRoom = allocate((typeof rms === 'number' ? 1 : bandRows * width) * 4 + WORD);
    if (typeof rms === 'number') floatsAt(noiseRoom, 1)[0] = rms;
    for (let firstRow = 0; firstRow < height; firstRow += bandRows) {
      const rows = Math.min(bandRows, height - firstRow);
      const rawFirst = Math.max(0, firstRow - radiusY);
      const rawEnd = Math.min(height, firstRow + rows + radiusY);
      const source = copyIn(plane.data, rawFirst * width, (rawEnd - rawFirst) * width, raw);
      const top = firstRow - radiusY;
      module.padRows(
        source,
        rawFirst,
        width,
        height,
        top,
        rows + 2 * radiusY,
        radiusX,
        radiusX,
        1,
        band,
        stride,
      );
      while (nextMissing > 0 && missing[nextMissing - 1]! >= rawFirst * width) nextMissing--;
      const floats = floatsAt(band, (stride / 4) * tall);
      for (; nextMissing < missing.length && missing[nextMissing]! < rawEnd * width; nextMissing++) {
        const x = missing[nextMissing]! % width;
        const y = (missing[nextMissing]! - x) / width;
        floats[(y - top) * (stride / 4) + radiusX + x] = 0;
      }
      module.convolveBand(band, stride, result, pitch, width, rows, taps, kernel.width, kernel.height);
      const noise = noiseOfBand(rms, firstRow, rows, noiseRoom);
      module.markAbove(
        result,
        pitch,
        noise,
        Number(typeof rms === 'number'),
        threshold,
        width,
        rows,
        bytes,
        padded,
      );
      for (let y = 0; y < rows; y++) above.set(bytesAt(bytes + y * padded, width), (firstRow + y) * width);
      copyOut(smoothed, firstRow * width, rows * width, packed, (address) => {
        module.packRows(result, pitch, rows, width * 4, address);
      });
    }
  });
  return out;
}

/** Bring a band's noise into the kernels' memory and return where it is. */
function noiseOfBand(rms: AboveOptions['rms'], firstRow: number, rows: number, address: number): number {
  if (typeof rms === 'number') return address;
  const { width } = rms;
  if ('data' in rms) return copyIn(rms.data, firstRow * width, rows * width, address);
  rms.fillRows(firstRow, {
    width,
    height: rows,
    get data() {
      return floatsAt(address, rows * width);
    },
  });
  return address;
}
