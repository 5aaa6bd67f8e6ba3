import {
  headerNumber,
  headerString,
  measureOrientation,
  parseWcs,
  pixelToSky,
  repairWcsHeader,
  type Wcs,
} from '../../domains/observations/index.ts';
import { type ErrorRecord, isAstridError, toErrorRecord } from '../../utils/errors.ts';
import type { HduSummary } from './model.ts';
import type { FitsFile } from './open-fits.ts';

/** What a person who looks at a file needs of one HDU. */
export interface ImageHduFacts {
  readonly index: number;
  readonly kind: HduSummary['kind'];
  readonly extname?: string | undefined;
  readonly extver: number;
  readonly bitpix: number;
  readonly shape: readonly number[];
  /** Of one slice; 0 where there is no image. */
  readonly width: number;
  readonly height: number;
  readonly planes: number;
  readonly unit: string;
  readonly cardCount: number;
  readonly compression?: string | undefined;
  readonly missingBytes: number;
  readonly sky?:
    | {
        readonly projection: string;
        readonly center: { readonly raDeg: number; readonly decDeg: number };
        readonly pixelScaleArcsec: number;
        readonly positionAngleDeg: number;
        readonly isEastLeft: boolean;
      }
    | undefined;
  /** LTM and LTV: physical = (image - offset) / scale, image counted from one. */
  readonly physical?:
    | { readonly scale: readonly [number, number]; readonly offset: readonly [number, number] }
    | undefined;
}

/** The HDUs of a file for a person who looks at it. */
export interface ImageFileFacts {
  readonly hdus: readonly ImageHduFacts[];
  /** EXTNAME = SCI, else the first image with two axes, else the first cube. */
  readonly defaultHdu?: number | undefined;
  /** Why the list ends early; what is listed can be used. */
  readonly problem?: ErrorRecord | undefined;
}

/** List the HDUs of an open file; damage further on costs only what lies behind it. */
export async function describeImageFile(file: FitsFile): Promise<ImageFileFacts> {
  const hdus: ImageHduFacts[] = [];
  let problem: ErrorRecord | undefined;
  for (;;) {
    try {
      const summary = await file.hduAt(hdus.length);
      if (summary === undefined) break;
      hdus.push(await describeHdu(file, summary));
    } catch (error) {
      if (hdus.length === 0 || !isAstridError(error)) throw error;
      problem = toErrorRecord(error);
      break;
    }
  }
  return { hdus, defaultHdu: chooseHdu(hdus), problem };
}

function chooseHdu(hdus: readonly ImageHduFacts[]): number | undefined {
  const images = hdus.filter(({ width, shape }) => width > 0 && shape.length > 1);
  const flat = images.filter(({ planes }) => planes === 1);
  const named = images.find(({ extname }) => extname?.toUpperCase() === 'SCI');
  return (named ?? flat[0] ?? images[0] ?? hdus.find(({ width }) => width > 0))?.index;
}

async function describeHdu(file: FitsFile, summary: HduSummary): Promise<ImageHduFacts> {
  const { index, kind, extname, extver, bitpix, shape, missingBytes, header } = summary;
  const layout = await file.layoutOf(index);
  const wcs = layout === undefined ? undefined : readWcs(summary, layout);
  return {
    index,
    kind,
    extname,
    extver,
    bitpix,
    shape,
    width: layout?.width ?? 0,
    height: layout?.height ?? 0,
    planes: layout?.planes ?? 1,
    unit: headerString(header, 'BUNIT') ?? '',
    cardCount: header.length,
    compression: await file.compressionOf(index),
    missingBytes,
    sky: wcs && describeSky(wcs, summary, layout!),
    physical: readPhysical(summary),
  };
}

interface Sides {
  readonly width: number;
  readonly height: number;
}

/** The WCS of an image, mended where it can be; `undefined` where it cannot be used. */
export function readWcs({ header }: HduSummary, { width, height }: Sides): Wcs | undefined {
  try {
    return parseWcs(repairWcsHeader(header, { widthPx: width, heightPx: height }).header);
  } catch (error) {
    if (isAstridError(error)) return undefined;
    throw error;
  }
}

function describeSky(wcs: Wcs, { header }: HduSummary, { width, height }: Sides): ImageHduFacts['sky'] {
  const [x, y] = [(width - 1) / 2, (height - 1) / 2];
  const center = pixelToSky(wcs, x, y);
  const orientation = measureOrientation(wcs, x, y);
  // A whole-sky projection may show no sky in its middle.
  if (!Number.isFinite(center.raDeg + orientation.pixelScaleArcsec + orientation.positionAngleDeg))
    return undefined;
  return { projection: headerString(header, 'CTYPE1') ?? '', center, ...orientation };
}

function readPhysical({ header }: HduSummary): ImageHduFacts['physical'] {
  const read = (keyword: string): number | undefined => headerNumber(header, keyword);
  const [ltm1, ltm2, ltv1, ltv2] = [read('LTM1_1'), read('LTM2_2'), read('LTV1'), read('LTV2')];
  if (ltm1 === undefined && ltm2 === undefined && ltv1 === undefined && ltv2 === undefined) return undefined;
  return { scale: [ltm1 || 1, ltm2 || 1], offset: [ltv1 ?? 0, ltv2 ?? 0] };
}
