import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import {
  type Header,
  meanOfBlocks,
  type SkyLattice,
  sampleSkyLattice,
} from '../../domains/observations/index.ts';
import { AstridError, throwIfStopped } from '../../utils/errors.ts';
import { describeImageFile, type ImageFileFacts, readWcs } from './describe-image-file.ts';
import type { PixelRegion } from './model.ts';
import { type FitsFile, openFits } from './open-fits.ts';
import { MOST_UNPACKED_BYTES, type Unpacking, unpackGzip } from './unpack-gzip.ts';

/** Files kept open for the next question. */
const OPEN_FILES = 6;
/** How long a question waits for a file that is being unpacked, ms. */
const PATIENCE_MS = 150;
/** Pixels read and averaged at a time. */
const STRIP_PIXELS = 2 ** 20;
/** Nodes of a sky lattice along the longer side. */
const SKY_NODES = 96;

/** A file as it is now. */
export interface OpenedImage extends ImageFileFacts {
  readonly path: string;
  readonly bytes: number;
  /** Changes with the file. */
  readonly revision: string;
  readonly unpacking?: { readonly doneBytes: number; readonly totalBytes: number } | undefined;
}

/** Which pixels of which image. */
export interface PixelQuery {
  readonly hdu: number;
  /** Slice of a cube, zero-based. */
  readonly slice: number;
  /** Default: the whole image. */
  readonly region?: PixelRegion | undefined;
  readonly stepX: number;
  readonly stepY: number;
  /** `mean` averages blocks of `stepX` x `stepX` finite pixels; `nearest` takes their first pixel. */
  readonly reduce: 'nearest' | 'mean';
  /** What the asker knows of the file; a file that changed is refused. */
  readonly revision?: string | undefined;
  /** Filled instead of fresh memory, where it has as many pixels as are asked for. */
  readonly target?: Float32Array<ArrayBuffer> | undefined;
}

/** Pixels as asked for: row-major, first row at the bottom. */
export interface QueriedPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array<ArrayBuffer>;
  readonly unit: string;
  readonly revision: string;
}

interface Entry {
  readonly revision: string;
  readonly bytes: number;
  /** Set once the file is known to be gzipped. */
  unpacking: Unpacking | undefined;
  file: Promise<FitsFile>;
  facts: Promise<ImageFileFacts> | undefined;
  users: number;
  isForgotten: boolean;
}

/** A gzipped file that is being unpacked. */
interface Passage {
  readonly revision: string;
  readonly unpacking: Unpacking;
  readonly stop: AbortController;
}

/** Looks into FITS files where they lie: nothing is copied but gzipped ones, which are unpacked into a cache. */
export class ImageFiles {
  readonly #cacheDir: string;
  readonly #mostBytes: number;
  readonly #entries = new Map<string, Entry>();
  /** By path. They outlive the entries: a file that is asked for again while it is unpacked is not unpacked twice. */
  readonly #passages = new Map<string, Passage>();
  readonly #closing = new AbortController();

  /** @param mostBytes that a gzipped file may unpack to. */
  constructor(cacheDir: string, mostBytes = MOST_UNPACKED_BYTES) {
    this.#cacheDir = cacheDir;
    this.#mostBytes = mostBytes;
  }

  /** Tell what is in a file, or how far it is unpacked. @throws as `openFits` */
  async open(path: string): Promise<OpenedImage> {
    return this.#use(path, async (entry) => {
      const facts = { path, bytes: entry.bytes, revision: entry.revision };
      if (!(await isSettled(entry.file)) && entry.unpacking !== undefined) {
        const { doneBytes, totalBytes } = entry.unpacking;
        return { ...facts, unpacking: { doneBytes, totalBytes }, hdus: [] };
      }
      return { ...facts, ...(await describeEntry(entry)) };
    });
  }

  /** Tell what is in a file, however long its unpacking takes. @throws as `openFits` */
  async readFacts(path: string): Promise<ImageFileFacts> {
    return this.#use(path, describeEntry);
  }

  /** Read all cards of one header. @throws observations/no-such-hdu and as `openFits` */
  async readHeader(path: string, hdu: number): Promise<Header> {
    return this.#use(path, async ({ file }) => (await (await file).hdu(hdu)).header);
  }

  /** Sample the sky over one image. @throws observations/no-wcs, observations/no-image and as `openFits` */
  async readSky(path: string, hdu: number): Promise<SkyLattice> {
    return this.#use(path, async ({ file }) => {
      const fits = await file;
      const [summary, layout] = [await fits.hdu(hdu), await fits.layoutOf(hdu)];
      const wcs = layout && readWcs(summary, layout);
      if (wcs === undefined)
        throw new AstridError(
          'observations/no-wcs',
          `${path}, HDU ${hdu} has no sky coordinates that can be used.`,
          { path, hdu },
        );
      const { width, height } = layout!;
      const step = Math.max(32, Math.ceil(Math.max(width, height) / SKY_NODES));
      return sampleSkyLattice(wcs, width, height, step);
    });
  }

  /**
   * Read pixels where they lie in the file.
   *
   * @throws observations/file-changed, observations/region-outside, observations/no-such-plane,
   *   observations/truncated, observations/bad-tile and as `openFits`
   */
  async readPixels(path: string, query: PixelQuery, signal?: AbortSignal): Promise<QueriedPixels> {
    return this.#use(path, async ({ file, revision }) => {
      if (query.revision !== undefined && query.revision !== revision) throw fileChanged(path);
      const fits = await file;
      const layout = await fits.layoutOf(query.hdu);
      const region = query.region ?? { x: 0, y: 0, width: layout?.width ?? 1, height: layout?.height ?? 1 };
      const pixels = await readReduced(fits, query, region, signal);
      const unit = String(
        (await fits.hdu(query.hdu)).header.find((card) => card.keyword === 'BUNIT')?.value ?? '',
      );
      return { ...pixels, unit, revision };
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const entry of this.#entries.values()) await closeFile(entry);
    this.#entries.clear();
    await Promise.allSettled([...this.#passages.values()].map(({ unpacking }) => unpacking.file));
  }

  async #use<Result>(path: string, work: (entry: Entry) => Promise<Result>): Promise<Result> {
    const entry = await this.#find(path);
    entry.users++;
    try {
      return await work(entry);
    } finally {
      entry.users--;
      if (entry.isForgotten && entry.users === 0) await closeFile(entry);
    }
  }

  async #find(path: string): Promise<Entry> {
    const { revision, bytes } = await describePath(path);
    const known = this.#entries.get(path);
    if (known !== undefined) this.#entries.delete(path);
    if (known?.revision === revision) {
      // Insertion order is the order of use.
      this.#entries.set(path, known);
      return known;
    }
    // Nobody waits for what the file was before.
    if (known !== undefined) void this.#forget(path, known);
    const before = this.#passages.get(path);
    if (before !== undefined && before.revision !== revision) before.stop.abort(fileChanged(path));
    return this.#add(path, revision, bytes);
  }

  #add(path: string, revision: string, bytes: number): Entry {
    const start = async (): Promise<FitsFile> => {
      if (!(await startsAsGzip(path))) return openFits(path);
      entry.unpacking = this.#unpack(path, revision, bytes);
      return openFits(await entry.unpacking.file, path);
    };
    const entry: Entry = {
      revision,
      bytes,
      unpacking: undefined,
      file: Promise.resolve().then(start),
      facts: undefined,
      users: 0,
      isForgotten: false,
    };
    this.#entries.set(path, entry);
    // A file that could not be opened is tried again by whoever asks next.
    entry.file.catch(() => this.#entries.get(path) === entry && this.#entries.delete(path));
    for (const [oldest, old] of this.#entries) {
      if (this.#entries.size <= OPEN_FILES) break;
      void this.#forget(oldest, old);
    }
    return entry;
  }

  #unpack(path: string, revision: string, bytes: number): Unpacking {
    const known = this.#passages.get(path);
    if (known?.revision === revision && !known.stop.signal.aborted) return known.unpacking;
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, stop.signal]);
    const unpacking = unpackGzip(path, revision, bytes, this.#cacheDir, signal, this.#mostBytes);
    const passage = { revision, unpacking, stop };
    this.#passages.set(path, passage);
    const end = (): void => {
      if (this.#passages.get(path) === passage) this.#passages.delete(path);
    };
    unpacking.file.then(end, end);
    return unpacking;
  }

  async #forget(path: string, entry: Entry): Promise<void> {
    if (this.#entries.get(path) === entry) this.#entries.delete(path);
    entry.isForgotten = true;
    if (entry.users === 0) await closeFile(entry);
  }
}

async function describeEntry(entry: Entry): Promise<ImageFileFacts> {
  if (entry.facts === undefined) {
    entry.facts = entry.file.then(describeImageFile);
    // A disk that failed once is asked again.
    entry.facts.catch(() => {
      entry.facts = undefined;
    });
  }
  return entry.facts;
}

function fileChanged(path: string): AstridError {
  return new AstridError(
    'observations/file-changed',
    `${path} has changed since it was opened: open it again to see it as it is now.`,
    { path },
  );
}

async function closeFile(entry: Entry): Promise<void> {
  await entry.file.then(
    (file) => file.close(),
    () => undefined,
  );
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS);
  });
  const done = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}

async function describePath(path: string): Promise<{ readonly revision: string; readonly bytes: number }> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    const facts = `${path}\0${mtimeMs}\0${size}\0${ino}`;
    return { revision: createHash('sha256').update(facts).digest('hex').slice(0, 24), bytes: size };
  } catch {
    // Opening it says what is wrong, and better.
    return { revision: '', bytes: 0 };
  }
}

async function startsAsGzip(path: string): Promise<boolean> {
  // A pipe would be waited for; opening it as FITS says that it is none.
  if ((await stat(path).catch(() => undefined))?.isFile() !== true) return false;
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } catch {
    // A folder is opened but not read.
    return false;
  } finally {
    await handle.close();
  }
}

async function readReduced(
  file: FitsFile,
  { hdu, slice, stepX, stepY, reduce, target: given }: PixelQuery,
  region: PixelRegion,
  signal: AbortSignal | undefined,
): Promise<{ readonly width: number; readonly height: number; readonly data: Float32Array<ArrayBuffer> }> {
  const isMean = reduce === 'mean' && stepX > 1;
  const width = Math.ceil(region.width / stepX);
  const height = Math.ceil(region.height / (isMean ? stepX : stepY));
  // Ordinary memory: what threads could share would be given back too late.
  const data = given?.length === width * height ? given : new Float32Array(width * height);
  const read = async (part: PixelRegion, target: Float32Array, step: number): Promise<void> => {
    throwIfStopped(signal);
    await file.readImage(hdu, { plane: slice, region: part, step, target });
  };
  if (isMean) {
    const blockRows = Math.min(height, Math.max(1, Math.floor(STRIP_PIXELS / (region.width * stepX))));
    const strip = new Float32Array(region.width * blockRows * stepX);
    for (let row = 0; row < height; row += blockRows) {
      const rows = Math.min(blockRows * stepX, region.height - row * stepX);
      const pixels = strip.subarray(0, region.width * rows);
      await read({ ...region, y: region.y + row * stepX, height: rows }, pixels, 1);
      data.set(meanOfBlocks(pixels, region.width, rows, stepX), row * width);
    }
    return { width, height, data };
  }
  if (stepX === stepY) {
    await read(region, data, stepX);
    return { width, height, data };
  }
  for (let row = 0; row < height; row++) {
    const line = { ...region, y: region.y + row * stepY, height: 1 };
    await read(line, data.subarray(row * width, (row + 1) * width), stepX);
  }
  return { width, height, data };
}
