import { allocate, bytesAt, floatsAt, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';

/** FITS's linear scaling: physical = bzero + bscale * stored. */
export interface Scaling {
  /** Default 1. */
  readonly bscale?: number | undefined;
  /** Default 0. */
  readonly bzero?: number | undefined;
  /** Stored integer that means no value: it becomes NaN. Integers only. */
  readonly blank?: number | undefined;
}

/** Samples decoded at a time. */
const CHUNK = 16384;

/** Decode big-endian float32 samples; scaled in float64 and rounded once. NaN stays NaN. */
export function decodeBigEndianFloat32(
  bytes: Uint8Array,
  out: Float32Array,
  scaling: Scaling = {},
): Float32Array {
  const { bscale = 1, bzero = 0 } = scaling;
  const plain = bscale === 1 && bzero === 0;
  return decode(bytes, out, 4, (from, to, count) => {
    if (plain) kernelModule().swapFloat32(from, to, count);
    else kernelModule().decodeFloat32(from, to, count, bscale, bzero);
  });
}

/** Decode big-endian float64 samples to float32; scaled in float64 and rounded once. NaN stays NaN. */
export function decodeBigEndianFloat64(
  bytes: Uint8Array,
  out: Float32Array,
  scaling: Scaling = {},
): Float32Array {
  const { bscale = 1, bzero = 0 } = scaling;
  return decode(bytes, out, 8, (from, to, count) =>
    kernelModule().decodeFloat64(from, to, count, bscale, bzero),
  );
}

/** Decode big-endian 16-bit integers; scaled in float64 and rounded once (unsigned: bzero 32768). */
export function decodeBigEndianInt16(
  bytes: Uint8Array,
  out: Float32Array,
  scaling: Scaling = {},
): Float32Array {
  const { bscale = 1, bzero = 0, blank } = scaling;
  return decode(bytes, out, 2, (from, to, count) =>
    kernelModule().decodeInt16(from, to, count, bscale, bzero, Number(blank !== undefined), blank ?? 0),
  );
}

/** Decode big-endian 32-bit integers; scaled in float64 and rounded once to float32's 24 bits. */
export function decodeBigEndianInt32(
  bytes: Uint8Array,
  out: Float32Array,
  scaling: Scaling = {},
): Float32Array {
  const { bscale = 1, bzero = 0, blank } = scaling;
  return decode(bytes, out, 4, (from, to, count) =>
    kernelModule().decodeInt32(from, to, count, bscale, bzero, Number(blank !== undefined), blank ?? 0),
  );
}

/** Decode unsigned bytes; scaled in float64 and rounded once (signed: bzero -128). */
export function decodeBigEndianUint8(
  bytes: Uint8Array,
  out: Float32Array,
  scaling: Scaling = {},
): Float32Array {
  const { bscale = 1, bzero = 0, blank } = scaling;
  return decode(bytes, out, 1, (from, to, count) =>
    kernelModule().decodeUint8(from, to, count, bscale, bzero, Number(blank !== undefined), blank ?? 0),
  );
}

function decode(
  bytes: Uint8Array,
  out: Float32Array,
  sampleBytes: number,
  kernel: (from: number, to: number, count: number) => void,
): Float32Array {
  if (bytes.length !== out.length * sampleBytes) {
    throw new RangeError(
      `${bytes.length} bytes are not ${out.length} samples of ${sampleBytes} byte${sampleBytes > 1 ? 's' : ''}.`,
    );
  }
  withArena(() => {
    const from = allocate(CHUNK * sampleBytes);
    const to = allocate(CHUNK * 4);
    for (let first = 0; first < out.length; first += CHUNK) {
      const count = Math.min(CHUNK, out.length - first);
      bytesAt(from, count * sampleBytes).set(
        bytes.subarray(first * sampleBytes, (first + count) * sampleBytes),
      );
      kernel(from, to, count);
      out.set(floatsAt(to, count), first);
    }
  });
  return out;
}
