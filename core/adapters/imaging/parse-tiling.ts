import { type Header, headerNumber, headerString } from '../../domains/observations/index.ts';
import { AstridError } from '../../utils/errors.ts';
import type { Dither } from './dither-pixels.ts';
import { type ColumnLayout, headerBigInt, layOutTable, type TableLayout } from './parse-columns.ts';
import type { ByteSource } from './read-bytes.ts';
import type { Hdu } from './walk-hdus.ts';

/** Compression methods that FITS names. */
type TileMethod = 'RICE_1' | 'GZIP_1' | 'GZIP_2' | 'HCOMPRESS_1' | 'PLIO_1' | 'NOCOMPRESS';

/** How an image is cut into tiles and how each tile is packed. */
export interface Tiling {
  readonly method: TileMethod;
  /** Pixels along each axis, fastest first. */
  readonly axes: readonly number[];
  readonly tile: readonly number[];
  /** Tiles along each axis, fastest first. */
  readonly counts: readonly number[];
  readonly tiles: number;
  readonly table: TableLayout;
  readonly column: {
    readonly compressed?: ColumnLayout | undefined;
    readonly gzipped?: ColumnLayout | undefined;
    readonly uncompressed?: ColumnLayout | undefined;
    readonly scale?: ColumnLayout | undefined;
    readonly zero?: ColumnLayout | undefined;
    readonly blank?: ColumnLayout | undefined;
  };
  readonly scale?: number | undefined;
  readonly zero?: number | undefined;
  readonly blank?: bigint | undefined;
  /** Floats were quantised to integers. */
  readonly isQuantised: boolean;
  readonly dither: Dither;
  readonly ditherSeed: number;
  readonly riceBlock: number;
  readonly ricePixelBytes: number;
  readonly smooth: boolean;
}

/** An image may be this large whatever the file's size: a blank tile of any size packs into a few bytes. */
const pixelsAlwaysAllowed = 2 ** 26;
/** Above that, no more pixels than this for each byte of the file; the best real compression is near 1000. */
const pixelsPerByte = 1024;

/**
 * Read how a compressed image is cut and packed.
 *
 * @throws observations/bad-header, observations/bad-table, observations/unsupported
 */
export function parseTiling(source: ByteSource, hdu: Hdu): Tiling {
  const header = hdu.fileHeader;
  const axes = hdu.summary.shape.toReversed();
  const table = layOutTable(source, hdu);
  const tile = axes.map((axis, i) => {
    const length = headerNumber(header, `ZTILE${i + 1}`) ?? (i === 0 ? axis : 1);
    if (!Number.isInteger(length) || length < 1) throw badTiling(source, hdu, `ZTILE${i + 1} is ${length}`);
    return Math.min(length, axis);
  });
  const counts = axes.map((axis, i) => Math.ceil(axis / tile[i]!));
  const tiles = counts.reduce((product, count) => product * count, 1);
  const pixels = axes.reduce((product, axis) => product * axis, 1);
  if (tiles > table.rows)
    throw badTiling(source, hdu, `needs ${tiles} tiles, but its table has ${table.rows} rows`);
  if (pixels > Math.max(pixelsAlwaysAllowed, source.size * pixelsPerByte)) {
    throw badTiling(source, hdu, `promises ${pixels} pixels in a file of ${source.size} bytes`);
  }
  const named = (name: string): ColumnLayout | undefined =>
    table.columns.find((column) => column.name.toUpperCase() === name);
  const column = {
    compressed: named('COMPRESSED_DATA'),
    gzipped: named('GZIP_COMPRESSED_DATA'),
    uncompressed: named('UNCOMPRESSED_DATA'),
    scale: named('ZSCALE'),
    zero: named('ZZERO'),
    blank: named('ZBLANK'),
  };
  for (const each of [column.compressed, column.gzipped, column.uncompressed]) {
    if (each !== undefined && each.descriptorBytes === undefined) {
      throw badTiling(
        source,
        hdu,
        `column ${each.name} has the format ${each.format}, not a variable-length one`,
      );
    }
  }
  const quantiser = headerString(header, 'ZQUANTIZ')?.toUpperCase();
  const scale = headerNumber(header, 'ZSCALE');
  return {
    method: parseMethod(source, hdu),
    axes,
    tile,
    counts,
    tiles,
    table,
    column,
    scale,
    zero: headerNumber(header, 'ZZERO'),
    blank: headerBigInt(header, 'ZBLANK'),
    isQuantised:
      hdu.summary.bitpix < 0 && quantiser !== 'NONE' && (column.scale !== undefined || scale !== undefined),
    dither: parseDither(quantiser),
    ditherSeed: headerNumber(header, 'ZDITHER0') ?? 1,
    riceBlock: riceParameter(source, hdu, 'BLOCKSIZE', 32, (value) => value >= 1 && value <= 4096),
    ricePixelBytes: riceParameter(
      source,
      hdu,
      'BYTEPIX',
      4,
      (value) => value === 1 || value === 2 || value === 4,
    ),
    smooth: (methodParameter(header, 'SMOOTH') ?? 0) !== 0,
  };
}

function parseMethod(source: ByteSource, hdu: Hdu): TileMethod {
  const name = headerString(hdu.fileHeader, 'ZCMPTYPE')?.toUpperCase() ?? 'missing';
  switch (name) {
    case 'RICE_1':
    case 'GZIP_1':
    case 'GZIP_2':
    case 'HCOMPRESS_1':
    case 'PLIO_1':
    case 'NOCOMPRESS':
      return name;
    case 'RICE_ONE':
      return 'RICE_1';
    default:
      throw new AstridError(
        'observations/unsupported',
        `${source.name}, HDU ${hdu.summary.index}: ZCMPTYPE is ${name}, which FITS does not define. Unpack the file with the program that made it.`,
        { path: source.name, hdu: hdu.summary.index, method: name },
      );
  }
}

function parseDither(quantiser: string | undefined): Dither {
  if (quantiser === 'SUBTRACTIVE_DITHER_1') return 'subtractive-1';
  return quantiser === 'SUBTRACTIVE_DITHER_2' ? 'subtractive-2' : 'none';
}

function methodParameter(header: Header, name: string): number | undefined {
  for (let n = 1; ; n++) {
    const found = headerString(header, `ZNAME${n}`);
    if (found === undefined) return undefined;
    if (found.toUpperCase() === name) return headerNumber(header, `ZVAL${n}`);
  }
}

function riceParameter(
  source: ByteSource,
  hdu: Hdu,
  name: string,
  otherwise: number,
  isGood: (value: number) => boolean,
): number {
  const value = methodParameter(hdu.fileHeader, name) ?? otherwise;
  if (!Number.isInteger(value) || !isGood(value))
    throw badTiling(source, hdu, `its Rice ${name} is ${value}`);
  return value;
}

function badTiling(source: ByteSource, hdu: Hdu, problem: string): AstridError {
  return new AstridError(
    'observations/bad-header',
    `${source.name}, HDU ${hdu.summary.index}: the compressed image ${problem}. The header is damaged: fetch the file again.`,
    { path: source.name, hdu: hdu.summary.index, offset: hdu.summary.headerOffset },
  );
}
