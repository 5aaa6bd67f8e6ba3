import { headerString } from '../../domains/observations/index.ts';
import { AstridError } from '../../utils/errors.ts';
import type {
  FitsArray,
  FitsImage,
  FitsOverview,
  FitsTable,
  HduSelector,
  HduSummary,
  ReadImageOptions,
} from './model.ts';
import { readAsciiTable } from './read-ascii-table.ts';
import { type ByteSource, byteSourceOf, openByteSource } from './read-bytes.ts';
import { type PixelSelection, readPlainArray, readPlainPlane } from './read-image.ts';
import { readBinaryTable } from './read-table.ts';
import { readCompressedArray, readCompressedPlane } from './read-tiles.ts';
import {
  checkRegion,
  cubeError,
  type ImageLayout,
  layoutOf,
  type SelectedImage,
  selectImage,
} from './select-image.ts';
import { selectTable } from './select-table.ts';
import { type HduWalk, walkHdus } from './walk-hdus.ts';

/**
 * Open a FITS file; one gzipped whole is unpacked into memory.
 *
 * Only the first header is read; others are walked as they are asked for.
 *
 * @param name what messages call it, where that is not its path.
 * @throws observations/unreadable, observations/empty-file, observations/not-fits, observations/truncated,
 *   observations/bad-header, observations/bad-gzip
 */
export async function openFits(path: string, name = path): Promise<FitsFile> {
  return openSource(await openByteSource(path, name));
}

/** Open a FITS file that is in memory. @throws as `openFits` */
export async function openFitsBytes(bytes: Uint8Array, name: string): Promise<FitsFile> {
  return openSource(await byteSourceOf(bytes, name));
}

async function openSource(source: ByteSource): Promise<FitsFile> {
  const walk = walkHdus(source);
  try {
    await walk.at(0);
  } catch (error) {
    await source.close();
    throw error;
  }
  return new FitsFile(source, walk);
}

/** An open FITS file. Read methods may run at the same time. */
export class FitsFile {
  readonly #source: ByteSource;
  readonly #walk: HduWalk;

  /** Use `openFits` or `openFitsBytes`. */
  constructor(source: ByteSource, walk: HduWalk) {
    this.#source = source;
    this.#walk = walk;
  }

  /** The path as given. */
  get name(): string {
    return this.#source.name;
  }

  /** Bytes of the file, unpacked if it was gzipped. */
  get size(): number {
    return this.#source.size;
  }

  /** List all HDUs. @throws observations/bad-header, observations/truncated */
  async hdus(): Promise<readonly HduSummary[]> {
    return (await this.#walk.all()).map(({ summary }) => summary);
  }

  /** Find one HDU without walking beyond it. @throws observations/no-such-hdu and as `hdus` */
  async hdu(selector: HduSelector): Promise<HduSummary> {
    return (await this.#walk.select(selector)).summary;
  }

  /** The HDU at an index, or `undefined` past the last. @throws as `hdus` */
  async hduAt(index: number): Promise<HduSummary | undefined> {
    return (await this.#walk.at(index))?.summary;
  }

  /** See the image at an index as planes of two axes; `undefined` where there is none. @throws as `hdu` */
  async layoutOf(index: number): Promise<ImageLayout | undefined> {
    return layoutOf(await this.#walk.select(index));
  }

  /** How the image at an index is packed (ZCMPTYPE); `undefined` where it is not. @throws as `hdu` */
  async compressionOf(index: number): Promise<string | undefined> {
    const { summary, fileHeader } = await this.#walk.select(index);
    return summary.kind === 'compressed-image' ? headerString(fileHeader, 'ZCMPTYPE') : undefined;
  }

  /** Tell which HDU `readImage` would read. @throws observations/no-image, observations/cube and as `hdus` */
  async imageHdu(selector?: HduSelector): Promise<HduSummary> {
    return (await selectImage(this.#source, this.#walk, selector, true)).hdu.summary;
  }

  /**
   * Read an image, or a region of it, as 32-bit floats: scaled, NaN where BLANK.
   *
   * @param selector default: the first image with two axes, compressed ones counting; axes of length 1 are dropped.
   * @throws observations/no-image, observations/cube, observations/truncated, observations/region-outside,
   *   observations/no-such-hdu, observations/no-such-plane, observations/bad-tile and as `hdus`
   */
  async readImage(selector?: HduSelector, options: ReadImageOptions = {}): Promise<FitsImage> {
    const image = await selectImage(this.#source, this.#walk, selector, options.plane !== undefined);
    const region = options.region ?? { x: 0, y: 0, width: image.layout.width, height: image.layout.height };
    checkRegion(this.#source, image, region);
    const plane = await this.#readPlane(image, {
      region,
      plane: this.#planeIndex(image, options.plane),
      step: options.step ?? 1,
      target: options.target,
    });
    const { header, index } = image.hdu.summary;
    return { plane, header, hduIndex: index, offset: { x: region.x, y: region.y } };
  }

  /**
   * Read every `step`-th pixel of every `step`-th row of an image, and no other rows.
   *
   * @throws as `readImage`
   */
  async readImageOverview(
    selector: HduSelector | undefined,
    step: number,
    options: { readonly plane?: number | undefined } = {},
  ): Promise<FitsOverview> {
    const image = await selectImage(this.#source, this.#walk, selector, options.plane !== undefined);
    const whole = Math.max(1, Math.floor(step));
    const region = { x: 0, y: 0, width: image.layout.width, height: image.layout.height };
    const plane = await this.#readPlane(image, {
      region,
      plane: this.#planeIndex(image, options.plane),
      step: whole,
    });
    const { header, index } = image.hdu.summary;
    return { plane, header, hduIndex: index, offset: { x: 0, y: 0 }, step: whole };
  }

  /** Read all pixels of an image of any number of axes, losing nothing. @throws as `readImage` */
  async readImageExact(selector?: HduSelector): Promise<FitsArray> {
    const { hdu } = await selectImage(this.#source, this.#walk, selector, true);
    const read = hdu.summary.kind === 'compressed-image' ? readCompressedArray : readPlainArray;
    const data = await read(this.#source, hdu);
    return { shape: hdu.summary.shape, data, header: hdu.summary.header, hduIndex: hdu.summary.index };
  }

  /**
   * Read a binary or ASCII table.
   *
   * @param selector default: the first table.
   * @param options.columns names to read, any case; default all.
   * @throws observations/no-table, observations/bad-table, observations/truncated, observations/no-such-hdu,
   *   observations/no-such-column, observations/unsupported and as `hdus`
   */
  async readTable(
    selector?: HduSelector,
    options: { readonly columns?: readonly string[] | undefined } = {},
  ): Promise<FitsTable> {
    const hdu = await selectTable(this.#source, this.#walk, selector);
    const wanted = options.columns?.map((name) => name.toUpperCase());
    const read = hdu.summary.kind === 'ascii-table' ? readAsciiTable : readBinaryTable;
    const table = await read(this.#source, hdu, (name) => wanted?.includes(name.toUpperCase()) ?? true);
    const missing = wanted?.find((name) =>
      table.columns.every((column) => column.name.toUpperCase() !== name),
    );
    if (missing !== undefined) {
      throw new AstridError(
        'observations/no-such-column',
        `${this.name}, HDU ${hdu.summary.index} has no column ${missing}. \`astrid fits info\` lists its columns.`,
        { path: this.name, hdu: hdu.summary.index, column: missing },
      );
    }
    return table;
  }

  /** Close the file; nothing can be read after. */
  async close(): Promise<void> {
    await this.#source.close();
  }

  #planeIndex(image: SelectedImage, plane: number | undefined): number {
    if (plane === undefined) {
      if (image.layout.planes > 1) throw cubeError(this.#source, image);
      return 0;
    }
    if (Number.isInteger(plane) && plane >= 0 && plane < image.layout.planes) return plane;
    throw new AstridError(
      'observations/no-such-plane',
      `${this.name}, HDU ${image.hdu.summary.index} has no plane ${plane}: choose from 0 to ${image.layout.planes - 1}.`,
      { path: this.name, hdu: image.hdu.summary.index, plane, planes: image.layout.planes },
    );
  }

  #readPlane({ hdu, layout }: SelectedImage, selection: PixelSelection): Promise<FitsImage['plane']> {
    const read = hdu.summary.kind === 'compressed-image' ? readCompressedPlane : readPlainPlane;
    return read(this.#source, hdu, layout, selection);
  }
}
