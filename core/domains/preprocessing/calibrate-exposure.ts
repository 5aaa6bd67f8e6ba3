import type { Grain, MaskPlane, Plane } from '../../kernels/index.ts';
import { makeMaskPlane, makePlane, scaleCounts } from '../../kernels/index.ts';
import { AstridError } from '../../utils/errors.ts';
import type { Exposure, Header, Wcs } from '../observations/index.ts';
import { cropHeader, estimateNoise, MaskBit } from '../observations/index.ts';
import type { CalibrationFrames } from './apply-frames.ts';
import { applyFrames } from './apply-frames.ts';
import { findGrain } from './find-grain.ts';
import { markMissingData } from './find-missing-data.ts';
import { markUnexposedEdges } from './find-unexposed-edges.ts';
import { growMask } from './grow-mask.ts';
import { findImageSections } from './read-sections.ts';

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
  /** The exposure as read holds whole numbers. */
  readonly holdsIntegers: boolean;
  /** Of the image's values, e-, where they are counts that nothing but a pedestal and the gain changed. */
  readonly grain?: Grain | undefined;
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
 * @param mayOverwrite the electrons may take the place of the counts: nobody needs these any more.
 * @throws preprocessing/too-small, preprocessing/all-nan, preprocessing/constant-image,
 *   preprocessing/calibration-shape-mismatch
 */
export function calibrateExposure(
  exposure: Exposure,
  frames: CalibrationFrames = {},
  config: CalibrationConfig = DEFAULT_CALIBRATION,
  mayOverwrite = false,
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
  // Before electrons may take the place of the counts.
  const counts = findGrain(pixels);
  const image = mayOverwrite && sections === undefined ? pixels : makePlane(width, height);
  const mask = makeMaskPlane(width, height);
  const { finite, lowest, highest } = scaleCounts(pixels, image, mask, {
    x0,
    y0,
    pedestal: overscan?.level ?? 0,
    gain: facts.gainEPerAdu,
    saturation: facts.saturationAdu ?? Number.POSITIVE_INFINITY,
    absentBit: MaskBit.NO_DATA,
    saturatedBit: MaskBit.SAT,
  });
  if (finite === 0) {
    throw new AstridError(
      'preprocessing/all-nan',
      `Every pixel of ${name} is blank (NaN or BLANK): there is nothing to calibrate. Check that the right HDU was read.`,
      { width, height },
    );
  }
  if (lowest === highest) {
    throw new AstridError(
      'preprocessing/constant-image',
      `Every pixel of ${name} holds ${lowest}: it is no exposure of the sky. Check the file.`,
      { value: lowest },
    );
  }
  applyFrames(exposure, image, mask, frames, sections, config.flatMinimum);
  const noise = estimateNoise(image);
  if (noise !== undefined) {
    const missing = markMissingData(image, mask, noise.sky, noise.rms, counts !== undefined);
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
    holdsIntegers: counts !== undefined,
    grain: isChanged(frames) ? undefined : scaleGrain(counts, overscan?.level ?? 0, facts.gainEPerAdu),
    header: sections === undefined ? exposure.header : cropHeader(exposure.header, x0, y0),
    wcs: exposure.wcs === undefined ? undefined : trimWcs(exposure.wcs, x0, y0),
    notes,
  };
}

function isChanged({ bias, dark, flat }: CalibrationFrames): boolean {
  return bias !== undefined || dark !== undefined || flat !== undefined;
}

function scaleGrain(counts: Grain | undefined, pedestal: number, gain: number): Grain | undefined {
  return counts && { step: counts.step * gain, origin: (counts.origin - pedestal) * gain };
}

function trimWcs(wcs: Wcs, x0: number, y0: number): Wcs {
  if (x0 === 0 && y0 === 0) return wcs;
  return {
    ...wcs,
    xRefPx: wcs.xRefPx - x0,
    yRefPx: wcs.yRefPx - y0,
    // The way back to the raw frame is the header's to tell.
    cards: cropHeader(wcs.cards, x0, y0).filter(({ keyword }) => !/^LT[VM]/.test(keyword)),
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
