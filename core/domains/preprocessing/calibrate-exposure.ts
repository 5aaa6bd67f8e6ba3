import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { makeMaskPlane, makePlane } from '../../kernels/index.ts';
import { AstridError } from '../../utils/errors.ts';
import type { Exposure, Header, Wcs } from '../observations/index.ts';
import { estimateNoise, MaskBit } from '../observations/index.ts';
import { markMissingData } from './find-missing-data.ts';
import { markUnexposedEdges } from './find-unexposed-edges.ts';
import { growMask } from './grow-mask.ts';
import { findImageSections } from './read-sections.ts';

/** Master frames in ADU, of the same detector; the flat may have any mean. */
export interface CalibrationFrames {
  readonly bias?: Plane | undefined;
  readonly dark?: Plane | undefined;
  /** Exposure time of the dark, s; without it the dark is subtracted as it is. */
  readonly darkExposureS?: number | undefined;
  readonly flat?: Plane | undefined;
}

/** How raw counts become electrons and masks. */
export interface CalibrationConfig {
  /** Subtract BIASSEC's level and trim to TRIMSEC where the header names them and they fit (default true). */
  readonly useOverscan: boolean;
  /** Grow saturated pixels by this, px (default 2). */
  readonly growSaturatedPx: number;
  /** Pixels where the flat is below this fraction of its median are bad (default 0.1). */
  readonly flatMinimum: number;
  /** Rows and columns along the border that are marked EDGE, px (default 0). */
  readonly edgePx: number;
}

/** The defaults of `calibrateExposure`. */
export const DEFAULT_CALIBRATION: CalibrationConfig = {
  useOverscan: true,
  growSaturatedPx: 2,
  flatMinimum: 0.1,
  edgePx: 0,
};

/** An exposure in electrons, sky still in it. */
export interface ElectronImage {
  /** e-; unusable pixels hold the value they were read with, NaN became the median. */
  readonly image: Plane;
  readonly mask: MaskPlane;
  /** Noise of single pixels from a sample of second differences, e-; 0 if it could not be had. */
  readonly noiseE: number;
  /** Header and WCS of the trimmed frame. */
  readonly header: Header;
  readonly wcs?: Wcs | undefined;
  readonly notes: readonly string[];
}

/** Smallest side that can be worked on, px. */
const MIN_SIDE = 32;

/**
 * Turn raw counts into electrons and mark pixels that cannot be trusted.
 *
 * @throws preprocessing/too-small, preprocessing/all-nan, preprocessing/constant-image,
 *   preprocessing/calibration-shape-mismatch
 */
export function calibrateExposure(
  exposure: Exposure,
  frames: CalibrationFrames = {},
  config: CalibrationConfig = DEFAULT_CALIBRATION,
): ElectronImage {
  const { pixels, facts, name } = exposure;
  if (pixels.width < MIN_SIDE || pixels.height < MIN_SIDE) {
    throw new AstridError(
      'preprocessing/too-small',
      `${name} is ${pixels.width} x ${pixels.height} px; at least ${MIN_SIDE} px a side are needed to measure its sky and stars.`,
      { width: pixels.width, height: pixels.height, needed: MIN_SIDE },
    );
  }
  const notes: string[] = [];
  const sections = config.useOverscan ? findImageSections(exposure.header, pixels) : undefined;
  const x0 = sections?.trim.x0 ?? 0;
  const y0 = sections?.trim.y0 ?? 0;
  const width = sections === undefined ? pixels.width : sections.trim.x1 - x0;
  const height = sections === undefined ? pixels.height : sections.trim.y1 - y0;
  const overscan = sections?.overscan;
  if (sections !== undefined) {
    notes.push(
      `Trimmed to ${width} x ${height} px${overscan === undefined ? '' : ` after subtracting an overscan of ${overscan.level.toFixed(1)} ADU`}.`,
    );
  }
  const { bias, dark, flat } = frames;
  for (const [kind, frame] of [
    ['bias', bias],
    ['dark', dark],
    ['flat', flat],
  ] as const) {
    if (frame !== undefined && (frame.width !== pixels.width || frame.height !== pixels.height)) {
      throw new AstridError(
        'preprocessing/calibration-shape-mismatch',
        `The ${kind} frame is ${frame.width} x ${frame.height} px but ${name} is ${pixels.width} x ${pixels.height} px; use one of the same detector and binning.`,
        {
          kind,
          frameWidth: frame.width,
          frameHeight: frame.height,
          width: pixels.width,
          height: pixels.height,
        },
      );
    }
  }
  const darkScale =
    frames.darkExposureS !== undefined && frames.darkExposureS > 0 && facts.exposureS !== undefined
      ? facts.exposureS / frames.darkExposureS
      : 1;
  const flatMedian = flat === undefined ? 1 : sampleMedian(flat.data);

  const image = makePlane(width, height);
  const mask = makeMaskPlane(width, height);
  const saturation = facts.saturationAdu ?? Number.POSITIVE_INFINITY;
  let finite = 0;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y + y0) * pixels.width + x + x0;
      const to = y * width + x;
      const adu = pixels.data[from]!;
      if (adu - adu !== 0) {
        mask.data[to] = MaskBit.NO_DATA;
        continue;
      }
      finite++;
      if (adu < low) low = adu;
      if (adu > high) high = adu;
      if (adu >= saturation) mask.data[to]! |= MaskBit.SAT;
      let value = adu - (overscan?.level ?? 0);
      if (bias !== undefined) value -= bias.data[from]!;
      if (dark !== undefined) value -= dark.data[from]! * darkScale;
      if (flat !== undefined) {
        const response = flat.data[from]! / flatMedian;
        if (response >= config.flatMinimum) value /= response;
        else mask.data[to]! |= MaskBit.BAD;
      }
      value *= facts.gainEPerAdu;
      if (value - value === 0) image.data[to] = value;
      else mask.data[to]! |= MaskBit.BAD;
    }
  }
  if (finite === 0) {
    throw new AstridError(
      'preprocessing/all-nan',
      `Every pixel of ${name} is blank (NaN or BLANK): there is nothing to calibrate. Check that the right HDU was read.`,
      { width, height },
    );
  }
  if (low === high) {
    throw new AstridError(
      'preprocessing/constant-image',
      `Every pixel of ${name} holds ${low}: it is no exposure of the sky. Check the file.`,
      { value: low },
    );
  }
  const noise = estimateNoise(image);
  if (noise !== undefined) {
    const missing = markMissingData(image, mask, noise.sky, noise.rms);
    if (missing > 0) notes.push(`${missing} pixels hold a filling value instead of data and were masked.`);
  }
  const shaded = markUnexposedEdges(image, mask, noise?.rms ?? 0);
  if (shaded > 0) notes.push(`${shaded} rows and columns along the borders are unexposed and were masked.`);
  growMask(mask, MaskBit.SAT, config.growSaturatedPx);
  markEdge(mask, config.edgePx);
  return {
    image,
    mask,
    noiseE: noise?.rms ?? 0,
    header: sections === undefined ? exposure.header : trimHeader(exposure.header, x0, y0),
    wcs: exposure.wcs === undefined ? undefined : trimWcs(exposure.wcs, x0, y0),
    notes,
  };
}

/** Sections that speak of the frame before it was trimmed. */
const RAW_SECTIONS = new Set(['TRIMSEC', 'BIASSEC', 'DATASEC']);

function trimHeader(header: Header, x0: number, y0: number): Header {
  return header
    .filter((card) => !RAW_SECTIONS.has(card.keyword))
    .map((card) => {
      if (typeof card.value !== 'number') return card;
      if (card.keyword === 'CRPIX1') return { ...card, value: card.value - x0 };
      if (card.keyword === 'CRPIX2') return { ...card, value: card.value - y0 };
      return card;
    });
}

function trimWcs(wcs: Wcs, x0: number, y0: number): Wcs {
  if (x0 === 0 && y0 === 0) return wcs;
  return {
    ...wcs,
    xRefPx: wcs.xRefPx - x0,
    yRefPx: wcs.yRefPx - y0,
    cards: trimHeader(wcs.cards, x0, y0),
  };
}

function markEdge(mask: MaskPlane, edge: number): void {
  if (edge <= 0) return;
  const { width, height, data } = mask;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (x < edge || y < edge || x >= width - edge || y >= height - edge)
        data[y * width + x]! |= MaskBit.EDGE;
    }
  }
}

/** Median of up to about 65 000 evenly spaced values. */
function sampleMedian(data: Float32Array): number {
  const step = Math.max(1, Math.floor(data.length / 65536));
  const sample: number[] = [];
  for (let i = 0; i < data.length; i += step) if (Number.isFinite(data[i]!)) sample.push(data[i]!);
  const sorted = Float32Array.from(sample).sort();
  return sorted[sorted.length >> 1] ?? 1;
}
