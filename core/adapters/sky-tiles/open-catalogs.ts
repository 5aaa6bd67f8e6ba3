import { createHash, randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  brightnessOf,
  type CatalogInfo,
  type CatalogKind,
  type Cone,
  mergeStars,
  type QuadIndex,
  type ReferenceStars,
  SKY_TILES,
  selectReference,
  starsInCone,
} from '../../domains/catalog/index.ts';
import { AstridError } from '../../utils/errors.ts';
import { type BlockView, blockBytes, encodeTiles, type RowLayout, viewBlock } from './encode-tiles.ts';
import { readQuadIndex, writeQuadIndex } from './keep-quad-index.ts';
import { lockFolder } from './lock-folder.ts';

/** What `NAME.json` holds: the catalogue, and which file of tiles is its present one. */
interface Manifest extends CatalogInfo, RowLayout {
  readonly version: 1;
  readonly file: string;
  readonly tiles: readonly number[];
  readonly counts: readonly number[];
}

/** The reference catalogues of one folder. */
export interface CatalogStore {
  /** Names the content of all catalogues together; `undefined` when there is none. One look into the folder. */
  version(): string | undefined;
  /** By name. */
  list(): Promise<readonly CatalogInfo[]>;
  /**
   * Add stars to a catalogue; it is made when it is not there. Readers see the old one or the new one, whole; who adds
   * at the same time, also another program, waits.
   *
   * @throws catalog/bad-name, catalog/other-bands, catalog/other-epoch, catalog/unwritable
   */
  add(
    name: string,
    kind: CatalogKind,
    stars: ReferenceStars,
    origin: string,
  ): Promise<CatalogInfo & { readonly added: number }>;
  /**
   * The stars of a catalogue in a circle, at the catalogue's epoch; with a limit, the brightest so many.
   *
   * @throws catalog/no-catalog, catalog/damaged
   */
  cone(name: string, cone: Cone, limit?: number): Promise<ReferenceStars>;
  /**
   * Every star of a catalogue; with a limit, the brightest so many.
   *
   * @throws catalog/no-catalog, catalog/damaged
   */
  all(name: string, limit?: number): Promise<ReferenceStars>;
  /** Keep the index of a catalogue as it is now. @throws catalog/no-catalog, catalog/unwritable */
  keepIndex(name: string, index: QuadIndex): Promise<void>;
  /** The index of a catalogue as it is now; `undefined` when none was made of it. @throws catalog/no-catalog, catalog/damaged */
  index(name: string): Promise<QuadIndex | undefined>;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/**
 * Open the folder where reference catalogues are kept as sky tiles.
 *
 * A catalogue is `NAME.json` and one file of tiles named by its content: tile after tile in the order of their
 * numbers, so that a cone is a few reads. A folder that is not there holds no catalogue.
 */
export function openCatalogs(folder: string): CatalogStore {
  const manifests = new Map<string, { text: string; manifest: Manifest; offsets: Float64Array }>();

  const load = async (name: string) => {
    let text: string;
    try {
      text = await readFile(join(folder, `${name}.json`), 'utf8');
    } catch {
      throw new AstridError(
        'catalog/no-catalog',
        `There is no catalogue ${name} in ${folder}. "astrid catalog import FILE --name ${name}" makes it; "astrid catalog info" lists what is there.`,
        { name, folder },
      );
    }
    const known = manifests.get(name);
    if (known?.text === text) return known;
    const manifest = parseManifest(name, text);
    const offsets = new Float64Array(manifest.tiles.length + 1);
    manifest.counts.forEach((count, at) => {
      offsets[at + 1] = offsets[at]! + blockBytes(manifest, count);
    });
    const loaded = { text, manifest, offsets };
    manifests.set(name, loaded);
    return loaded;
  };

  /** Who adds stars takes the older tiles away: where they are gone, the manifest names newer ones. */
  const openNow = async (name: string) => {
    let before: string | undefined;
    for (;;) {
      const loaded = await load(name);
      const handle = await open(join(folder, loaded.manifest.file), 'r').catch(() => undefined);
      if (handle !== undefined) return { ...loaded, handle };
      if (loaded.text === before) throw damaged(name);
      before = loaded.text;
    }
  };

  const list = async (): Promise<readonly CatalogInfo[]> => {
    const names = readNames(folder);
    const found = names.filter((name) => name.endsWith('.json') && NAME.test(name.slice(0, -5))).sort();
    return Promise.all(found.map(async (name) => infoOf((await load(name.slice(0, -5))).manifest)));
  };

  const read = async (
    name: string,
    wanted: (tile: number) => boolean,
    cone?: Cone,
    limit = Number.POSITIVE_INFINITY,
  ) => {
    const { manifest, offsets, handle } = await openNow(name);
    const chosen: Chosen[] = [];
    try {
      for (let from = 0; from < manifest.tiles.length; ) {
        if (!wanted(manifest.tiles[from]!)) {
          from++;
          continue;
        }
        let to = from + 1;
        while (to < manifest.tiles.length && wanted(manifest.tiles[to]!)) to++;
        const start = offsets[from]!;
        const bytes = await readRun(handle, manifest, start, offsets[to]!);
        for (; from < to; from++) {
          const view = viewBlock(bytes.subarray(offsets[from]! - start), manifest.counts[from]!, manifest);
          chosen.push({
            view,
            rows: cone === undefined ? Array.from(view.raDeg.keys()) : starsInCone(view, cone),
          });
        }
      }
    } finally {
      await handle.close();
    }
    return gather(chosen, manifest, limit);
  };

  return {
    version: () => {
      // Files of tiles are named by their content.
      const tiles = readNames(folder).filter((name) => name.endsWith('.tiles'));
      return tiles.length === 0 ? undefined : tiles.sort().join(' ');
    },
    list,
    add: async (name, kind, stars, origin) => {
      if (!NAME.test(name))
        throw new AstridError(
          'catalog/bad-name',
          `${name} is no name for a catalogue: use small letters, digits, points, dashes and underscores, e.g. gaia-dr3.`,
          { name },
        );
      const unlock = await lockFolder(folder).catch((error: unknown) => {
        throw unwritable(folder, name, error);
      });
      try {
        const isKnown = readNames(folder).includes(`${name}.json`);
        const known = isKnown ? await load(name) : undefined;
        const before = known === undefined ? selectReference(stars, []) : await read(name, () => true);
        const merged = mergeStars(before, stars, name);
        const origins = [...new Set([...(known?.manifest.origins ?? []), origin])];
        const manifest = await write(folder, name, kind, merged, origins);
        for (const file of readNames(folder))
          if (isOlder(file, manifest)) await rm(join(folder, file), { force: true });
        return { ...infoOf(manifest), added: merged.count - before.count };
      } finally {
        unlock();
      }
    },
    cone: (name, cone, limit) => {
      const runs = SKY_TILES.tilesOfCone(cone);
      return read(name, (tile) => runs.some(([first, last]) => tile >= first && tile <= last), cone, limit);
    },
    all: (name, limit) => read(name, () => true, undefined, limit),
    keepIndex: async (name, index) => writeQuadIndex(folder, indexFile((await load(name)).manifest), index),
    index: async (name) => readQuadIndex(folder, indexFile((await load(name)).manifest), name),
  };
}

/** Named by the stars it was made of: an index of other stars is not there. */
function indexFile({ file }: Manifest): string {
  return file.replace(/\.tiles$/, '.quads');
}

/** Whether a file holds tiles, or an index, of what the catalogue was before, or of what nobody finished adding. */
function isOlder(file: string, manifest: Manifest): boolean {
  const [base, ending] = [file.slice(0, -6), file.slice(-6)];
  const isOurs = base.slice(0, -16) === `${manifest.name}-` && /^[0-9a-f]{16}$/.test(base.slice(-16));
  return isOurs && (ending === '.tiles' || ending === '.quads') && base !== manifest.file.slice(0, -6);
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function parseManifest(name: string, text: string): Manifest {
  try {
    const manifest = JSON.parse(text) as Manifest;
    if (manifest.version === 1 && Array.isArray(manifest.tiles)) return manifest;
  } catch {
    // Told below.
  }
  throw damaged(name);
}

function damaged(name: string): AstridError {
  return new AstridError(
    'catalog/damaged',
    `Catalogue ${name} is damaged. Delete its files and import it again with "astrid catalog import".`,
    { name },
  );
}

function infoOf({ name, kind, count, epochYr, bands, sha256, origins, areaDeg2 }: Manifest): CatalogInfo {
  return { name, kind, count, epochYr, bands, sha256, origins, areaDeg2 };
}

async function readRun(
  handle: FileHandle,
  { name }: Manifest,
  from: number,
  to: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(to - from);
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, from + done);
    if (bytesRead === 0) throw damaged(name);
    done += bytesRead;
  }
  return bytes;
}

/** Some rows of one tile. */
interface Chosen {
  readonly view: BlockView;
  readonly rows: readonly number[];
}

/** Gather rows of many tiles into one list; with a limit, the brightest. */
function gather(chosen: readonly Chosen[], manifest: Manifest, limit: number): ReferenceStars {
  const { epochYr, bands, idBytes } = manifest;
  const kept =
    chosen.reduce((sum, { rows }) => sum + rows.length, 0) > limit
      ? brightest(chosen, manifest, limit)
      : chosen;
  const count = kept.reduce((sum, { rows }) => sum + rows.length, 0);
  const fill = <Values extends Float64Array | Float32Array | Uint8Array>(
    values: Values,
    pick: (view: BlockView) => Values,
  ): Values => {
    let at = 0;
    for (const { view, rows } of kept) {
      const column = pick(view);
      for (let k = 0; k < rows.length; k++) values[at++] = column[rows[k]!]!;
    }
    return values;
  };
  return {
    count,
    epochYr,
    raDeg: fill(new Float64Array(count), ({ raDeg }) => raDeg),
    decDeg: fill(new Float64Array(count), ({ decDeg }) => decDeg),
    pmRaMasYr: fill(new Float32Array(count), ({ pmRaMasYr }) => pmRaMasYr),
    pmDecMasYr: fill(new Float32Array(count), ({ pmDecMasYr }) => pmDecMasYr),
    bands: bands.map((band, at) => ({
      band,
      mag: fill(new Float32Array(count), ({ mags }) => mags[at]!),
      magErr: fill(new Float32Array(count), ({ magErrs }) => magErrs[at]!),
    })),
    isVariable: fill(new Uint8Array(count), ({ isVariable }) => isVariable),
    ids: kept.flatMap(({ view: { ids }, rows }) => {
      // One string, cut up: a decoder called for each would cost more than all the rest.
      const text = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength).toString('latin1');
      return rows.map((k) => {
        const end = text.indexOf('\0', k * idBytes);
        return text.slice(k * idBytes, end < 0 ? (k + 1) * idBytes : Math.min(end, (k + 1) * idBytes));
      });
    }),
  };
}

function brightest(chosen: readonly Chosen[], { bands }: Manifest, limit: number): readonly Chosen[] {
  const mags = chosen.map(({ view }) =>
    brightnessOf({
      count: view.raDeg.length,
      bands: bands.map((band, at) => ({ band, mag: view.mags[at]! })),
    }),
  );
  const all = Float32Array.from(chosen.flatMap(({ rows }, at) => rows.map((k) => mags[at]![k]!))).sort();
  const faintest = all[limit - 1]!;
  let ties = limit - all.indexOf(faintest);
  return chosen.map(({ view, rows }, at) => ({
    view,
    rows: rows.filter((k) => mags[at]![k]! < faintest || (mags[at]![k] === faintest && ties-- > 0)),
  }));
}

async function write(
  folder: string,
  name: string,
  kind: CatalogKind,
  stars: ReferenceStars,
  origins: readonly string[],
): Promise<Manifest> {
  const { table, layout, blocks } = encodeTiles(stars);
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ kind, epochYr: stars.epochYr, bands: stars.bands.map(({ band }) => band) }));
  for (const block of blocks) hash.update(block);
  const sha256 = hash.digest('hex');
  const manifest: Manifest = {
    version: 1,
    name,
    kind,
    count: stars.count,
    epochYr: stars.epochYr,
    bands: stars.bands.map(({ band }) => band),
    sha256,
    origins,
    areaDeg2: table.tiles.reduce((sum, tile) => sum + SKY_TILES.tileArea(tile), 0),
    ...layout,
    file: `${name}-${sha256.slice(0, 16)}.tiles`,
    tiles: [...table.tiles],
    counts: [...table.counts],
  };
  try {
    await writeWhole(folder, manifest.file, blocks);
    await writeWhole(folder, `${name}.json`, [new TextEncoder().encode(JSON.stringify(manifest))]);
  } catch (error) {
    throw unwritable(folder, name, error);
  }
  return manifest;
}

function unwritable(folder: string, name: string, error: unknown): AstridError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new AstridError(
    'catalog/unwritable',
    `Catalogue ${name} was not kept in ${folder}: ${message}. Free some space, or choose another --workspace.`,
    { name, folder, errno: code },
  );
}

async function writeWhole(folder: string, file: string, pieces: readonly Uint8Array[]): Promise<void> {
  const temporary = join(folder, `.${file}.${randomUUID()}.part`);
  try {
    await writeFile(temporary, pieces, { flush: true });
    await rename(temporary, join(folder, file));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
