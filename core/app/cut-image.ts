import { basename } from 'node:path';
import { type ImageFiles, writeFitsBytes } from '../adapters/imaging/index.ts';
import type { CutSource, ImageCutter, PixelQuery } from '../api/ports.ts';
import {
  type Card,
  cropHeader,
  type Header,
  isWcsKeyword,
  type Wcs,
  writeWcsCards,
} from '../domains/observations/index.ts';
import type { CalibratedExposure } from '../domains/preprocessing/index.ts';
import {
  type BlobReader,
  loadArtefact,
  type PlaneRecord,
  type PlaneRepository,
  type RunRecord,
  type RunRepository,
  type StageRunRepository,
} from '../pipeline/index.ts';
import { AstridError } from '../utils/index.ts';

interface CutParts {
  readonly runs: Pick<RunRepository, 'get'>;
  readonly stageRuns: Pick<StageRunRepository, 'latest' | 'find'>;
  readonly planes: Pick<PlaneRepository, 'list'>;
  readonly blobs: BlobReader;
  readonly images: ImageFiles;
}

type Region = PixelQuery['region'];

/** Units of planes as FITS writes them. */
const FITS_UNITS: Readonly<Record<string, string>> = { 'e-': 'electron', 'e-2': 'electron2', sigma: '' };

/** Make what cuts FITS images out of the planes of runs and out of files. */
export function createImageCutter(parts: CutParts): ImageCutter {
  return {
    sidesOf: async (source) => {
      if (source.kind === 'run') return findPlane(parts, source);
      // A cutout is a file that somebody waits for: one that is still being unpacked is waited for too.
      const { hdus } = await parts.images.readFacts(source.path);
      const found = hdus.find(({ index }) => index === source.hdu);
      if (found !== undefined && found.width > 0) return found;
      throw new AstridError('observations/no-image', `${source.path} has no image in HDU ${source.hdu}.`, {
        ...source,
      });
    },
    cut: (source, region) =>
      source.kind === 'run' ? cutPlane(parts, source, region) : cutFile(parts, source, region),
  };
}

async function cutFile(
  { images }: CutParts,
  { path, hdu, slice }: Extract<CutSource, { kind: 'file' }>,
  region: Region,
) {
  const [header, pixels] = await Promise.all([
    images.readHeader(path, hdu),
    images.readPixels(path, { hdu, slice, region, stepX: 1, stepY: 1, reduce: 'nearest' }),
  ]);
  return makeFile(basename(path), header, region, pixels.data, []);
}

async function cutPlane(parts: CutParts, source: Extract<CutSource, { kind: 'run' }>, region: Region) {
  const run = await parts.runs.get(source.runId);
  const plane = await findPlane(parts, source);
  const bytes = plane.dtype === 'uint16' ? 2 : 4;
  const rows = await parts.blobs.readRows(plane.sha256, {
    start: (region.y * plane.width + region.x) * bytes,
    rowBytes: region.width * bytes,
    stride: plane.width * bytes,
    count: region.height,
  });
  const data = plane.dtype === 'uint16' ? new Uint16Array(rows.buffer) : new Float32Array(rows.buffer);
  const unit = FITS_UNITS[plane.unit] ?? plane.unit;
  return makeFile(
    `${basename(run.sciencePath)}-${source.plane}`,
    await headerOfRun(parts, run),
    region,
    data,
    unit === '' ? [] : [{ keyword: 'BUNIT', value: unit }],
  );
}

/** The header of a run's grid: that of the science exposure, with the coordinates that the line has found for it. */
async function headerOfRun(parts: CutParts, run: RunRecord): Promise<Header> {
  const science = await loadScience(parts, run);
  if (science !== undefined) {
    const others = science.header.filter(
      ({ keyword }) => !isWcsKeyword(keyword) || science.wcs === undefined,
    );
    return [...others, ...(science.wcs === undefined ? [] : writeWcsCards(science.wcs))];
  }
  try {
    const { defaultHdu = 0 } = await parts.images.readFacts(run.sciencePath);
    return await parts.images.readHeader(run.sciencePath, defaultHdu);
  } catch {
    // What the line kept is gone and so is the file: pixels without a header are better than none.
    return [];
  }
}

async function loadScience(
  { stageRuns, blobs }: CutParts,
  run: RunRecord,
): Promise<{ readonly header: Header; readonly wcs?: Wcs | undefined } | undefined> {
  const newest = (await stageRuns.latest([run.id])).find(({ stage }) => stage === 'preprocess');
  const kept = newest && (await stageRuns.find(newest));
  const artefact = (kept?.output as { readonly artefact?: string } | null | undefined)?.artefact;
  if (artefact === undefined || (await blobs.size(artefact)) === undefined) return undefined;
  const { science } = await loadArtefact<{ readonly science: CalibratedExposure }>(blobs, artefact, false);
  return science;
}

async function findPlane(
  { planes }: CutParts,
  { runId, plane: kind }: Extract<CutSource, { kind: 'run' }>,
): Promise<PlaneRecord> {
  const list = await planes.list(runId);
  const found = list.find((plane) => plane.kind === kind);
  if (found !== undefined) return found;
  throw new AstridError(
    'observations/no-image',
    `This run has no ${kind} image; it has ${list.map((plane) => plane.kind).join(', ') || 'none'}.`,
    { runId, kind },
  );
}

function makeFile(
  original: string,
  header: Header,
  region: Region,
  data: Float32Array | Uint16Array,
  own: readonly Card[],
): { readonly name: string; readonly bytes: Uint8Array } {
  const { x, y, width, height } = region;
  const replaced = new Set(own.map(({ keyword }) => keyword));
  const kept = cropHeader(header, x, y).filter(({ keyword }) => !replaced.has(keyword));
  const place = `[${x + 1}:${x + width},${y + 1}:${y + height}]`;
  const history: Card = {
    keyword: 'HISTORY',
    value: undefined,
    comment: `AstrID: cut from ${original}${place}`,
  };
  const name = original
    .replace(/(\.(fits?|fts))?(\.(fz|gz))?(?=-\w[\w-]*$|$)/i, '')
    .replace(/[^\w.+-]+/g, '_');
  return {
    name: `${name}-${x + 1}-${y + 1}.fits`,
    bytes: writeFitsBytes([
      { kind: 'image', shape: [height, width], data, header: [...own, ...kept, history] },
    ]),
  };
}
