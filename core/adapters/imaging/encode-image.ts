import { gzipSync } from 'node:zlib';
import type { Card } from '../../domains/observations/index.ts';
import { AstridError } from '../../utils/errors.ts';
import { compressRice } from './compress-rice.ts';
import type { Dither } from './dither-pixels.ts';
import { encodeHdu, type HduNaming, type HduPieces } from './encode-hdu.ts';
import {
  bigEndianBytes,
  type PixelArray,
  type PixelStorage,
  storageOf,
  storedNumbers,
} from './encode-pixels.ts';
import { quantisedBlank, quantiseTile } from './quantise-pixels.ts';

/** How an image is packed in tiles of one row. */
export type ImageCompression =
  | {
      /** Rice: integers without loss; floats in steps of their noise. */
      readonly method: 'rice';
      /** Steps in one standard deviation of each row's noise; default 4. Floats only. */
      readonly stepsPerSigma?: number | undefined;
      /** Default `subtractive-1`; `subtractive-2` keeps exact zeros. Floats only. */
      readonly dither?: Dither | undefined;
      /** Where the dither starts, 1 to 10 000; default: made from the pixels. */
      readonly seed?: number | undefined;
    }
  | {
      /** GZIP_2: nothing is lost, floats included. */
      readonly method: 'gzip';
    };

/** An image to write. */
export interface ImageToWrite extends HduNaming {
  readonly kind: 'image';
  /** Slowest axis first: (height, width) or (planes, height, width). */
  readonly shape: readonly number[];
  /** The type decides BITPIX; unsigned types are stored by the usual offsets; NaN has no value. */
  readonly data: PixelArray;
  /** Default: none. 64-bit integers are never compressed: common readers know no such tiles. */
  readonly compression?: ImageCompression | undefined;
}

const riceBlock = 32;

/** Tell how an image will be compressed, if at all. */
export function compressionOf({ compression, data }: ImageToWrite): ImageCompression | undefined {
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? undefined : compression;
}

/** Check that an image's shape and data agree. @throws observations/bad-image */
function checkShape({ shape, data }: ImageToWrite): void {
  const pixels = shape.reduce((product, axis) => product * axis, 1);
  const isWhole = shape.length > 0 && shape.every((axis) => Number.isInteger(axis) && axis > 0);
  if (isWhole && pixels === data.length) return;
  throw new AstridError(
    'observations/bad-image',
    `An image of shape ${shape.join(' x ')} cannot be written from ${data.length} pixels.`,
    { shape, pixels: data.length },
  );
}

/** Make a plain image's bytes. @throws observations/bad-image, observations/bad-card */
export function encodePlainImage(image: ImageToWrite, isPrimary: boolean): HduPieces {
  checkShape(image);
  const storage = storageOf(image.data);
  const first: Card = isPrimary
    ? { keyword: 'SIMPLE', value: true, comment: 'conforms to FITS standard' }
    : { keyword: 'XTENSION', value: 'IMAGE', comment: 'image extension' };
  const structure: Card[] = [
    first,
    { keyword: 'BITPIX', value: storage.bitpix, comment: 'bits a pixel; negative: IEEE floats' },
    ...axisCards('NAXIS', image.shape),
    ...(isPrimary
      ? [{ keyword: 'EXTEND', value: true }]
      : [
          { keyword: 'PCOUNT', value: 0 },
          { keyword: 'GCOUNT', value: 1 },
        ]),
    ...offsetCards(storage),
  ];
  return encodeHdu(structure, image, [bigEndianBytes(image.data)]);
}

function axisCards(keyword: 'NAXIS' | 'ZNAXIS', shape: readonly number[]): Card[] {
  const axes = shape.toReversed();
  return [
    { keyword, value: axes.length, comment: 'number of axes' },
    ...axes.map((axis, i) => ({ keyword: `${keyword}${i + 1}`, value: axis })),
  ];
}

function offsetCards({ bzero }: PixelStorage): Card[] {
  if (bzero === undefined) return [];
  return [
    { keyword: 'BSCALE', value: 1 },
    { keyword: 'BZERO', value: Number(bzero), raw: bzero, comment: 'unsigned convention' },
  ];
}

interface PackedRow {
  readonly main: Uint8Array;
  /** What could not be quantised. */
  readonly lossless: Uint8Array;
  readonly scale: number;
  readonly zero: number;
}

const nothing = new Uint8Array(0);

/** Make a tile-compressed image's bytes. @throws observations/bad-image, observations/bad-card */
export function encodeCompressedImage(image: ImageToWrite, compression: ImageCompression): HduPieces {
  checkShape(image);
  const { data, shape } = image;
  const storage = storageOf(data);
  const isFloat = storage.bitpix < 0;
  const method = compression.method === 'rice' ? 'RICE_1' : 'GZIP_2';
  const isQuantised = isFloat && method === 'RICE_1';
  const width = shape.at(-1)!;
  const rows = data.length / width;
  const options = compression.method === 'rice' ? compression : undefined;
  const dither = options?.dither ?? 'subtractive-1';
  const seed = options?.seed ?? seedOf(data);
  const steps = options?.stepsPerSigma ?? 4;
  const pixelBytes = isFloat ? 4 : Math.abs(storage.bitpix) / 8;

  const packed: PackedRow[] = [];
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * width, (row + 1) * width) as PixelArray;
    if (isQuantised)
      packed.push(packFloats(values as Float32Array | Float64Array, row, { dither, seed, steps }));
    else if (method === 'RICE_1') {
      const stored = storedNumbers(values) as Int32Array;
      packed.push({
        main: compressRice(stored, riceBlock, pixelBytes),
        lossless: nothing,
        scale: 0,
        zero: 0,
      });
    } else packed.push({ main: gzipShuffled(values), lossless: nothing, scale: 0, zero: 0 });
  }

  const heapBytes = packed.reduce((sum, { main, lossless }) => sum + main.length + lossless.length, 0);
  const isWide = heapBytes > 0x7fffffff;
  const letter = isWide ? '1QB' : '1PB';
  const longest = (pick: (row: PackedRow) => Uint8Array): number =>
    packed.reduce((most, row) => Math.max(most, pick(row).length), 0);
  const columns: [string, string][] = [['COMPRESSED_DATA', `${letter}(${longest(({ main }) => main)})`]];
  if (isQuantised) {
    columns.push(['ZSCALE', '1D'], ['ZZERO', '1D']);
    columns.push(['GZIP_COMPRESSED_DATA', `${letter}(${longest(({ lossless }) => lossless)})`]);
  }
  const descriptorBytes = isWide ? 16 : 8;
  const rowBytes = descriptorBytes + (isQuantised ? 16 + descriptorBytes : 0);
  const table = packTable(packed, rowBytes, isWide, isQuantised);
  const structure: Card[] = [
    { keyword: 'XTENSION', value: 'BINTABLE', comment: 'tile-compressed image' },
    { keyword: 'BITPIX', value: 8 },
    { keyword: 'NAXIS', value: 2 },
    { keyword: 'NAXIS1', value: rowBytes },
    { keyword: 'NAXIS2', value: rows },
    { keyword: 'PCOUNT', value: heapBytes },
    { keyword: 'GCOUNT', value: 1 },
    { keyword: 'TFIELDS', value: columns.length },
    ...columns.flatMap(([name, format], i) => [
      { keyword: `TTYPE${i + 1}`, value: name },
      { keyword: `TFORM${i + 1}`, value: format },
    ]),
    { keyword: 'ZIMAGE', value: true },
    { keyword: 'ZBITPIX', value: storage.bitpix },
    ...axisCards('ZNAXIS', shape),
    ...shape.toReversed().map((axis, i) => ({ keyword: `ZTILE${i + 1}`, value: i === 0 ? axis : 1 })),
    { keyword: 'ZCMPTYPE', value: method },
    ...(method === 'RICE_1' ? riceCards(pixelBytes) : []),
    ...(isFloat ? quantiserCards(isQuantised ? dither : undefined, seed) : []),
    ...offsetCards(storage),
  ];
  return encodeHdu(structure, image, [table, ...packed.flatMap(({ main, lossless }) => [main, lossless])]);
}

function riceCards(pixelBytes: number): Card[] {
  return [
    { keyword: 'ZNAME1', value: 'BLOCKSIZE' },
    { keyword: 'ZVAL1', value: riceBlock },
    { keyword: 'ZNAME2', value: 'BYTEPIX' },
    { keyword: 'ZVAL2', value: pixelBytes },
  ];
}

function quantiserCards(dither: Dither | undefined, seed: number): Card[] {
  switch (dither) {
    case undefined:
      return [{ keyword: 'ZQUANTIZ', value: 'NONE' }];
    case 'none':
      return [
        { keyword: 'ZQUANTIZ', value: 'NO_DITHER' },
        { keyword: 'ZBLANK', value: quantisedBlank },
      ];
    default:
      return [
        {
          keyword: 'ZQUANTIZ',
          value: dither === 'subtractive-1' ? 'SUBTRACTIVE_DITHER_1' : 'SUBTRACTIVE_DITHER_2',
        },
        { keyword: 'ZDITHER0', value: seed },
        { keyword: 'ZBLANK', value: quantisedBlank },
      ];
  }
}

function packFloats(
  values: Float32Array | Float64Array,
  row: number,
  { dither, seed, steps }: { readonly dither: Dither; readonly seed: number; readonly steps: number },
): PackedRow {
  const quantised = quantiseTile(values, steps, dither, row, seed);
  if (quantised === undefined) {
    return { main: nothing, lossless: gzipSync(bigEndianBytes(values)), scale: 0, zero: 0 };
  }
  const { stored, scale, zero } = quantised;
  return { main: compressRice(stored, riceBlock, 4), lossless: nothing, scale, zero };
}

function gzipShuffled(values: PixelArray): Uint8Array {
  const bytes = bigEndianBytes(values);
  const width = values.BYTES_PER_ELEMENT;
  const shuffled = new Uint8Array(bytes.length);
  for (let byte = 0, at = 0; byte < width; byte++) {
    for (let i = byte; i < bytes.length; i += width) shuffled[at++] = bytes[i]!;
  }
  return gzipSync(shuffled);
}

function packTable(
  packed: readonly PackedRow[],
  rowBytes: number,
  isWide: boolean,
  isQuantised: boolean,
): Uint8Array {
  const table = new Uint8Array(packed.length * rowBytes);
  const view = new DataView(table.buffer);
  let heap = 0;
  const putDescriptor = (at: number, length: number): void => {
    if (isWide) {
      view.setBigInt64(at, BigInt(length));
      view.setBigInt64(at + 8, BigInt(heap));
    } else {
      view.setUint32(at, length);
      view.setUint32(at + 4, heap);
    }
    heap += length;
  };
  for (const [row, { main, lossless, scale, zero }] of packed.entries()) {
    const at = row * rowBytes;
    putDescriptor(at, main.length);
    if (!isQuantised) continue;
    const next = at + (isWide ? 16 : 8);
    view.setFloat64(next, scale);
    view.setFloat64(next + 8, zero);
    putDescriptor(next + 16, lossless.length);
  }
  return table;
}

// The same pixels give the same file; other pixels most likely another dither.
function seedOf(data: PixelArray): number {
  let sum = 0;
  const step = Math.max(1, Math.floor(data.length / 1000));
  for (let i = 0; i < data.length; i += step) {
    const value = Number(data[i]!);
    if (Number.isFinite(value)) sum = (sum * 31 + Math.abs(Math.round(value * 16))) % 1_000_003;
  }
  return 1 + (Math.floor(sum) % 10_000);
}
