import { type Header, headerCard, headerNumber } from '../../domains/observations/index.ts';
import { lendPlane, type Plane } from '../../kernels/index.ts';
import { AstridError } from '../../utils/errors.ts';
import { type Bitpix, decodePixels, nativePixels, type PixelScaling } from './decode-pixels.ts';
import type { FitsArray, PixelRegion } from './model.ts';
import type { ByteSource } from './read-bytes.ts';
import type { ImageLayout } from './select-image.ts';
import type { Hdu } from './walk-hdus.ts';

/** No more than this is read and decoded at a time: what was read is still in the processor's cache when it is decoded. */
const chunkBytes = 1024 * 1024;

/** Rows read together: the disk may sort them, and more would only be kept longer. */
const ROWS_AT_ONCE = 32;
/** Rows of a region are read with what lies between them when that is less than so many times the region. */
const DENSE = 2;

/** A part of one plane of an image, every `step`-th pixel. */
export interface PixelSelection {
  readonly region: PixelRegion;
  readonly plane: number;
  readonly step: number;
  readonly target?: Float32Array | undefined;
}

/** The plane that a selection fills, all of it; not cleared. */
export function planeFor({ region, step, target }: PixelSelection): Plane {
  const width = Math.ceil(region.width / step);
  const height = Math.ceil(region.height / step);
  return target === undefined ? lendPlane(width, height) : { width, height, data: target };
}

/** Read how an image's stored numbers become values. */
export function scalingOf(header: Header, bitpix: number): PixelScaling {
  const blank = headerCard(header, 'BLANK');
  const isBlankable = bitpix > 0 && typeof blank?.value === 'number' && Number.isInteger(blank.value);
  return {
    bscale: headerNumber(header, 'BSCALE') ?? 1,
    bzero: headerNumber(header, 'BZERO') ?? 0,
    blank: isBlankable ? BigInt(blank.raw ?? blank.value) : undefined,
  };
}

/** Check that all of an HDU's data is in the file. @throws observations/truncated */
export function checkWhole(source: ByteSource, hdu: Hdu): void {
  const { index, dataOffset, dataBytes, missingBytes } = hdu.summary;
  if (missingBytes === 0) return;
  throw new AstridError(
    'observations/truncated',
    `${source.name}, HDU ${index}: the header promises ${dataBytes} bytes of data from byte ${dataOffset}, ` +
      `but the file ends at byte ${source.size}, ${missingBytes} bytes short. Fetch it again.`,
    { path: source.name, hdu: index, dataOffset, dataBytes, missingBytes, size: source.size },
  );
}

/** Read pixels of an image that is not compressed. @throws observations/truncated */
export async function readPlainPlane(
  source: ByteSource,
  hdu: Hdu,
  layout: ImageLayout,
  selection: PixelSelection,
): Promise<Plane> {
  checkWhole(source, hdu);
  const { region, plane: planeIndex, step } = selection;
  const { dataOffset, header } = hdu.summary;
  const bitpix = hdu.summary.bitpix as Bitpix;
  const scaling = scalingOf(header, bitpix);
  const pixelBytes = Math.abs(bitpix) / 8;
  const plane = planeFor(selection);
  const rowOffset = (row: number): number =>
    dataOffset +
    pixelBytes * ((planeIndex * layout.height + region.y + row * step) * layout.width + region.x);

  if (region.width === layout.width && step === 1) {
    await readWholeRows(source, rowOffset(0), bitpix, scaling, plane.data);
    return plane;
  }
  const decoded = new Float32Array(region.width);
  const put = (bytes: Uint8Array, row: number): void => {
    if (step === 1) {
      decodePixels(bytes, bitpix, scaling, plane.data, row * plane.width);
      return;
    }
    decodePixels(bytes, bitpix, scaling, decoded);
    for (let x = 0; x < plane.width; x++) plane.data[row * plane.width + x] = decoded[x * step]!;
  };
  const rowBytes = region.width * pixelBytes;
  // Where most of what lies between is wanted, one read is faster than many.
  const isDense = step === 1 && region.width * DENSE >= layout.width;
  const stride = isDense ? layout.width * pixelBytes : rowBytes;
  const together = Math.max(1, Math.min(ROWS_AT_ONCE, Math.floor(chunkBytes / stride)));
  for (let first = 0; first < plane.height; first += together) {
    const count = Math.min(together, plane.height - first);
    if (isDense) {
      const bytes = await source.read(rowOffset(first), (count - 1) * stride + rowBytes);
      // A copy of each row: its bytes are turned in place, and start at a multiple of eight.
      for (let i = 0; i < count; i++) put(bytes.slice(i * stride, i * stride + rowBytes), first + i);
      continue;
    }
    const rows = Array.from({ length: count }, (_, i) => source.read(rowOffset(first + i), rowBytes));
    (await Promise.all(rows)).forEach((bytes, i) => void put(bytes, first + i));
  }
  return plane;
}

/** Read neighbouring pixels: the next piece is on its way while one is decoded. */
async function readWholeRows(
  source: ByteSource,
  offset: number,
  bitpix: Bitpix,
  scaling: PixelScaling,
  target: Float32Array,
): Promise<void> {
  const pixelBytes = Math.abs(bitpix) / 8;
  // Plain floats are read to where they belong and turned there; others come by way of two buffers.
  const isPlain = bitpix === -32 && scaling.bscale === 1 && scaling.bzero === 0;
  const piece = chunkBytes / pixelBytes;
  const buffers = isPlain ? [] : [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)];
  const fetch = async (first: number, turn: number): Promise<Uint8Array> => {
    const bytes = Math.min(piece, target.length - first) * pixelBytes;
    const place = isPlain
      ? new Uint8Array(target.buffer, target.byteOffset + 4 * first, bytes)
      : new Uint8Array(buffers[turn % 2]!.buffer, 0, bytes);
    await source.readInto(place, offset + first * pixelBytes);
    return place;
  };
  let coming = fetch(0, 0);
  for (let first = 0, turn = 1; first < target.length; first += piece, turn++) {
    const bytes = await coming;
    if (first + piece < target.length) coming = fetch(first + piece, turn);
    // A piece that cannot be read is told when its turn comes.
    coming.catch(() => undefined);
    if (isPlain) Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).swap32();
    else decodePixels(bytes, bitpix, scaling, target, first);
  }
}

/** Read all pixels of an image that is not compressed, exactly. @throws observations/truncated */
export async function readPlainArray(source: ByteSource, hdu: Hdu): Promise<FitsArray['data']> {
  checkWhole(source, hdu);
  const { dataOffset, dataBytes, header } = hdu.summary;
  const bitpix = hdu.summary.bitpix as Bitpix;
  const bytes = await source.read(dataOffset, dataBytes);
  return exactPixels(bytes, bitpix, scalingOf(header, bitpix));
}

/** Decode stored pixels with nothing lost: whole 64-bit integers stay integers. */
function exactPixels(bytes: Uint8Array, bitpix: Bitpix, scaling: PixelScaling): FitsArray['data'] {
  if (bitpix === 64 && scaling.bscale === 1 && scaling.blank === undefined) {
    if (scaling.bzero === 0) return nativePixels(bytes, 64) as BigInt64Array;
    if (scaling.bzero === 2 ** 63) {
      // The unsigned convention: adding 2^63 turns the top bit over.
      const stored = nativePixels(bytes, 64) as BigInt64Array;
      const halves = new Uint32Array(stored.buffer, stored.byteOffset, 2 * stored.length);
      for (let i = 1; i < halves.length; i += 2) halves[i]! ^= 0x80000000;
      return new BigUint64Array(stored.buffer, stored.byteOffset, stored.length);
    }
  }
  const data = new Float64Array(bytes.length / (Math.abs(bitpix) / 8));
  decodePixels(bytes, bitpix, scaling, data);
  return data;
}
