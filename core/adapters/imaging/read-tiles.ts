import { isMainThread } from 'node:worker_threads';
import type { Plane, RiceTile } from '../../kernels/index.ts';
import { AstridError } from '../../utils/errors.ts';
import { type Bitpix, kernelScaling, type PixelScaling } from './decode-pixels.ts';
import { decompressRiceInto, TileDataError } from './decompress-rice.ts';
import { decompressTile, type PackedTile, type TileColumn, type TilePixels } from './decompress-tile.ts';
import type { FitsArray } from './model.ts';
import { type ColumnLayout, elementBytes, readDescriptor } from './parse-columns.ts';
import { parseTiling, type Tiling } from './parse-tiling.ts';
import type { ByteSource } from './read-bytes.ts';
import { checkWhole, type PixelSelection, planeFor, scalingOf } from './read-image.ts';
import type { ImageLayout } from './select-image.ts';
import type { Hdu } from './walk-hdus.ts';

/** The main thread answers others after so many pixels; at 100 million a second that is 5 ms. */
const pixelsAtATime = 2 ** 19;

/** Tiles whose bytes lie within so many bytes are read at once. */
const batchBytes = 8 * 1024 * 1024;

/** A run of neighbouring pixels of one tile: where it starts in the image counted from its first pixel, and in the tile. */
interface Run {
  readonly image: number;
  readonly tile: number;
}

/** Read pixels of a tile-compressed image; only tiles that the selection touches. @throws as `readTiles` */
export async function readCompressedPlane(
  source: ByteSource,
  hdu: Hdu,
  layout: ImageLayout,
  selection: PixelSelection,
): Promise<Plane> {
  const { region, step, plane: planeIndex } = selection;
  const scaling = scalingOf(hdu.summary.header, hdu.summary.bitpix);
  const tiling = parseTiling(source, hdu);
  const plane = planeFor(selection);
  const planePixels = layout.width * layout.height;
  const placeOf = (image: number): { x: number; row: number } | undefined => {
    if (Math.floor(image / planePixels) !== planeIndex) return undefined;
    const y = Math.floor((image % planePixels) / layout.width) - region.y;
    if (y < 0 || y >= region.height || y % step !== 0) return undefined;
    return { x: (image % layout.width) - region.x, row: y / step };
  };
  const isWanted = (run: Run, length: number): boolean => {
    const place = placeOf(run.image);
    return place !== undefined && place.x < region.width && place.x + length > 0;
  };
  // Tiles of whole rows are decoded to where they belong.
  const isWhole = region.width === layout.width && tiling.tile[0]! >= layout.width && step === 1;
  const direct: DirectRice | undefined =
    isWhole && tiling.method === 'RICE_1' && !tiling.isQuantised
      ? {
          placeOf: (tile) => {
            const place = placeOf(tile.runs[0]!.image);
            const isInside = place !== undefined && place.row + tile.runs.length <= plane.height;
            return isInside ? place.row * plane.width : undefined;
          },
          decode: (at, count, bytes, tiles, naming) =>
            decompressRiceInto(plane.data, at, bytes, tiles, count, tiling, kernelScaling(scaling), naming),
        }
      : undefined;
  const put = (pixels: TilePixels, run: Run, length: number): void => {
    const place = placeOf(run.image);
    if (place === undefined) return;
    const first = Math.max(0, Math.ceil(place.x / step));
    const last = Math.min(plane.width - 1, Math.floor((place.x + length - 1) / step));
    const from = run.tile - place.x;
    putPixels(
      pixels,
      from + first * step,
      step,
      plane.data,
      place.row * plane.width + first,
      last - first + 1,
      scaling,
    );
  };
  await readTiles(source, hdu, tiling, isWanted, put, direct);
  return plane;
}

/** Pixels that are decoded to their place together: they stay in the first caches. */
const DIRECT_PIXELS = 32_768;

/** Decodes tiles to where they belong. */
interface DirectRice {
  /** First pixel of a tile in the plane; `undefined` where it does not lie there as a whole. */
  readonly placeOf: (tile: TileShape) => number | undefined;
  /** Decode tiles of `count` pixels each that follow each other from pixel `at` on. */
  readonly decode: (
    at: number,
    count: number,
    bytes: Uint8Array,
    tiles: readonly RiceTile[],
    naming: (tile: number, work: () => void) => void,
  ) => void;
}

/** Read all pixels of a tile-compressed image, exactly. @throws as `readTiles` */
export async function readCompressedArray(source: ByteSource, hdu: Hdu): Promise<FitsArray['data']> {
  const tiling = parseTiling(source, hdu);
  const { bitpix, header } = hdu.summary;
  const scaling = scalingOf(header, bitpix);
  const count = tiling.axes.reduce((product, axis) => product * axis, 1);
  const isWhole64 = bitpix === 64 && scaling.blank === undefined && scaling.bscale === 1;
  if (isWhole64 && (scaling.bzero === 0 || scaling.bzero === 2 ** 63)) {
    const signed = new BigInt64Array(count);
    await readTiles(
      source,
      hdu,
      tiling,
      () => true,
      (pixels, run, length) => {
        for (let i = 0; i < length; i++) signed[run.image + i] = BigInt(pixels[run.tile + i]!);
      },
    );
    if (scaling.bzero === 0) return signed;
    const unsigned = new BigUint64Array(signed.buffer);
    for (let i = 0; i < count; i++) unsigned[i] = unsigned[i]! ^ 0x8000000000000000n;
    return unsigned;
  }
  const data = new Float64Array(count);
  await readTiles(
    source,
    hdu,
    tiling,
    () => true,
    (pixels, run, length) => {
      putPixels(pixels, run.tile, 1, data, run.image, length, scaling);
    },
  );
  return data;
}

function putPixels(
  pixels: TilePixels,
  from: number,
  step: number,
  target: Float32Array | Float64Array,
  at: number,
  count: number,
  scaling: PixelScaling,
): void {
  const { bscale, bzero, blank } = scaling;
  const blankNumber = blank === undefined ? Number.NaN : Number(blank);
  if (pixels instanceof BigInt64Array) {
    for (let i = 0; i < count; i++) {
      const stored = pixels[from + i * step]!;
      target[at + i] = stored === blank ? Number.NaN : bzero + bscale * Number(stored);
    }
    return;
  }
  if (step === 1 && blank === undefined && bscale === 1 && bzero === 0) {
    target.set(pixels.subarray(from, from + count), at);
    return;
  }
  for (let i = 0; i < count; i++) {
    const stored = pixels[from + i * step]!;
    target[at + i] = stored === blankNumber ? Number.NaN : bzero + bscale * stored;
  }
}

/**
 * Unpack the wanted tiles of an image in the order of its table, and hand over each run of pixels along the first axis.
 *
 * @throws observations/truncated, observations/bad-tile
 */
async function readTiles(
  source: ByteSource,
  hdu: Hdu,
  tiling: Tiling,
  isWanted: (run: Run, length: number) => boolean,
  put: (pixels: TilePixels, run: Run, length: number) => void,
  direct?: DirectRice,
): Promise<void> {
  checkWhole(source, hdu);
  const bitpix = hdu.summary.bitpix as Bitpix;
  const { table } = tiling;
  const rowBytes = await source.read(hdu.summary.dataOffset, table.rowBytes * tiling.tiles);
  const rows = new DataView(rowBytes.buffer, rowBytes.byteOffset, rowBytes.byteLength);
  const wanted: TilePlace[] = [];
  for (let row = 0; row < tiling.tiles; row++) {
    const shape = shapeOfTile(tiling, row);
    if (shape.runs.some((run) => isWanted(run, shape.length)))
      wanted.push({ row, ...shape, ...locate(source, hdu, tiling, rows, row) });
  }
  let unpacked = 0;
  for (let first = 0; first < wanted.length; ) {
    let start = wanted[first]!.offset;
    let end = start + wanted[first]!.bytes;
    let last = first + 1;
    for (; last < wanted.length; last++) {
      const { offset, bytes } = wanted[last]!;
      const newStart = Math.min(start, offset);
      const newEnd = Math.max(end, offset + bytes);
      if (newEnd - newStart > batchBytes) break;
      start = newStart;
      end = newEnd;
    }
    const heap = await source.read(start, end - start);
    for (let i = first; i < last; i++) {
      const place = wanted[i]!;
      const together = direct ? countTogether(direct, wanted, i, last) : 0;
      const tiles = wanted.slice(i, i + Math.max(1, together));
      unpacked += place.length * place.runs.length * tiles.length;
      if (isMainThread && unpacked > pixelsAtATime) {
        unpacked = 0;
        await new Promise(setImmediate);
      }
      if (direct && together > 0) {
        direct.decode(
          direct.placeOf(place)!,
          place.length * place.runs.length,
          heap,
          tiles.map(({ offset, bytes }) => ({ start: offset - start, length: bytes })),
          (tile, work) => naming(source, hdu, tiles[tile]!, work),
        );
        i += together - 1;
        continue;
      }
      const pixels = unpackTile(source, hdu, tiling, bitpix, place, {
        row: place.row,
        column: place.column,
        code: place.code,
        // A copy: byte order is reversed in place, and tiles may share bytes.
        bytes: heap.slice(place.offset - start, place.offset - start + place.bytes),
        ...numbersOf(tiling, rows, place.row),
      });
      for (const run of place.runs) put(pixels, run, place.length);
    }
    first = last;
  }
}

/** Count the tiles from one on that can be decoded to their places together: those that lie there one after the other. */
function countTogether(direct: DirectRice, tiles: readonly TilePlace[], first: number, end: number): number {
  const start = direct.placeOf(tiles[first]!);
  if (start === undefined) return 0;
  const pixels = tiles[first]!.length * tiles[first]!.runs.length;
  const most = Math.min(end, first + Math.max(1, Math.floor(DIRECT_PIXELS / pixels)));
  let k = first;
  while (
    k < most &&
    tiles[k]!.column === 'compressed' &&
    tiles[k]!.length * tiles[k]!.runs.length === pixels &&
    direct.placeOf(tiles[k]!) === start + (k - first) * pixels
  ) {
    k++;
  }
  return k - first;
}

interface TilePlace extends TileShape, TileBytes {
  readonly row: number;
}

interface TileShape {
  readonly runs: readonly Run[];
  /** Pixels in each run. */
  readonly length: number;
}

function shapeOfTile(tiling: Tiling, row: number): TileShape {
  const { axes, tile, counts } = tiling;
  const start: number[] = [];
  const size: number[] = [];
  let rest = row;
  for (let n = 0; n < axes.length; n++) {
    const at = (rest % counts[n]!) * tile[n]!;
    rest = Math.floor(rest / counts[n]!);
    start.push(at);
    size.push(Math.min(tile[n]!, axes[n]! - at));
  }
  const length = size[0]!;
  let stride = axes[0]!;
  let places = [start[0]!];
  for (let n = 1; n < axes.length; n++) {
    const next: number[] = [];
    for (let i = 0; i < size[n]!; i++)
      for (const place of places) next.push(place + (start[n]! + i) * stride);
    places = next;
    stride *= axes[n]!;
  }
  return { length, runs: places.map((image, i) => ({ image, tile: length * i })) };
}

interface TileBytes {
  readonly column: TileColumn;
  readonly code: string;
  /** In the file. */
  readonly offset: number;
  readonly bytes: number;
}

function locate(source: ByteSource, hdu: Hdu, tiling: Tiling, rows: DataView, row: number): TileBytes {
  const { table, column } = tiling;
  const choices: readonly (readonly [TileColumn, ColumnLayout | undefined])[] = [
    ['compressed', column.compressed],
    ['gzipped', column.gzipped],
    ['uncompressed', column.uncompressed],
  ];
  for (const [name, layout] of choices) {
    if (layout?.descriptorBytes === undefined || layout.bytes === 0) continue;
    const { count, offset } = readDescriptor(
      rows,
      row * table.rowBytes + layout.offset,
      layout.descriptorBytes,
    );
    if (count === 0) continue;
    const bytes = count * elementBytes[layout.code];
    if (offset + bytes > table.heapBytes) {
      throw badTile(
        source,
        hdu,
        row,
        hdu.summary.dataOffset + row * table.rowBytes,
        'points beyond the heap of its table',
      );
    }
    return {
      column: name,
      code: layout.code,
      offset: hdu.summary.dataOffset + table.heapOffset + offset,
      bytes,
    };
  }
  throw badTile(source, hdu, row, hdu.summary.dataOffset + row * table.rowBytes, 'has no data in any column');
}

function numbersOf(
  tiling: Tiling,
  rows: DataView,
  row: number,
): Pick<PackedTile, 'scale' | 'zero' | 'blank'> {
  const { column, table } = tiling;
  const blank = numberAt(rows, table.rowBytes * row, column.blank);
  return {
    scale: numberAt(rows, table.rowBytes * row, column.scale) ?? tiling.scale ?? 1,
    zero: numberAt(rows, table.rowBytes * row, column.zero) ?? tiling.zero ?? 0,
    blank: blank !== undefined && Number.isInteger(blank) ? BigInt(blank) : tiling.blank,
  };
}

function numberAt(rows: DataView, rowOffset: number, layout: ColumnLayout | undefined): number | undefined {
  if (layout === undefined || layout.repeat !== 1) return undefined;
  const at = rowOffset + layout.offset;
  switch (layout.code) {
    case 'D':
      return rows.getFloat64(at);
    case 'E':
      return rows.getFloat32(at);
    case 'J':
      return rows.getInt32(at);
    case 'I':
      return rows.getInt16(at);
    case 'K':
      return Number(rows.getBigInt64(at));
    case 'B':
      return rows.getUint8(at);
    default:
      return undefined;
  }
}

function unpackTile(
  source: ByteSource,
  hdu: Hdu,
  tiling: Tiling,
  bitpix: Bitpix,
  place: TilePlace,
  packed: PackedTile,
): TilePixels {
  return naming(source, hdu, place, () =>
    decompressTile(packed, tiling, place.length * place.runs.length, bitpix),
  );
}

/** Do something with a tile's bytes; what is wrong with them names the tile. @throws observations/bad-tile */
function naming<Result>(source: ByteSource, hdu: Hdu, place: TilePlace, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof TileDataError) throw badTile(source, hdu, place.row, place.offset, error.message);
    throw error;
  }
}

function badTile(source: ByteSource, hdu: Hdu, row: number, offset: number, problem: string): AstridError {
  return new AstridError(
    'observations/bad-tile',
    `${source.name}, HDU ${hdu.summary.index}, tile ${row} (byte ${offset}) ${problem}. The file is damaged: fetch it again.`,
    { path: source.name, hdu: hdu.summary.index, tile: row, offset },
  );
}
