import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { selectMedian } from '../../kernels/index.ts';
import { AstridError } from '../../utils/errors.ts';
import type { Exposure } from '../observations/index.ts';
import { MaskBit } from '../observations/index.ts';
import type { ImageSections } from './read-sections.ts';

/**
 * Master frames in ADU of the same detector and binning, with or without the overscan that is trimmed.
 *
 * Dark and flat have their own bias removed; the flat may have any mean.
 */
export interface CalibrationFrames {
  readonly bias?: Plane | undefined;
  readonly dark?: Plane | undefined;
  /** Exposure time of the dark, s; without it the dark is subtracted as it is. */
  readonly darkExposureS?: number | undefined;
  readonly flat?: Plane | undefined;
}

/** A master frame, and where pixel (0, 0) of the trimmed image is on it. */
interface Placed {
  readonly data: Float32Array;
  readonly width: number;
  readonly x0: number;
  readonly y0: number;
}

/**
 * Subtract bias and dark from an image and divide it by the flat, in place; dead pixels of the flat become BAD.
 *
 * Where the image's overscan was subtracted, only what the bias differs from its own overscan is.
 *
 * @param image e-, trimmed, overscan subtracted.
 * @param flatMinimum fraction of the flat's median below which a pixel is dead.
 * @throws preprocessing/calibration-shape-mismatch
 */
export function applyFrames(
  exposure: Exposure,
  image: Plane,
  mask: MaskPlane,
  frames: CalibrationFrames,
  sections: ImageSections | undefined,
  flatMinimum: number,
): void {
  const bias = place('bias', frames.bias, exposure, image, sections);
  const dark = place('dark', frames.dark, exposure, image, sections);
  const flat = place('flat', frames.flat, exposure, image, sections);
  if (bias === undefined && dark === undefined && flat === undefined) return;
  const { gainEPerAdu, exposureS } = exposure.facts;
  const { darkExposureS } = frames;
  const isScaled = darkExposureS !== undefined && darkExposureS > 0 && exposureS !== undefined;
  const darkScale = gainEPerAdu * (isScaled ? exposureS / darkExposureS : 1);
  const biasLevel = frames.bias === undefined ? 0 : overscanLevel(frames.bias, exposure, sections);
  const flatMedian = frames.flat === undefined ? 1 : selectMedian(frames.flat.data);
  const { width, height, data } = image;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if ((mask.data[at]! & MaskBit.NO_DATA) !== 0) continue;
      let value = data[at]!;
      if (bias !== undefined) value -= (pixelOf(bias, x, y) - biasLevel) * gainEPerAdu;
      if (dark !== undefined) value -= pixelOf(dark, x, y) * darkScale;
      if (flat !== undefined) {
        const response = pixelOf(flat, x, y) / flatMedian;
        if (response >= flatMinimum) value /= response;
        else mask.data[at]! |= MaskBit.BAD;
      }
      // As it will be stored: a float32 may be too small for it.
      value = Math.fround(value);
      if (value - value === 0) data[at] = value;
      else mask.data[at]! |= MaskBit.BAD;
    }
  }
}

function place(
  kind: string,
  frame: Plane | undefined,
  exposure: Exposure,
  image: Plane,
  sections: ImageSections | undefined,
): Placed | undefined {
  if (frame === undefined) return undefined;
  const { pixels, name } = exposure;
  const { width, height, data } = frame;
  if (width === pixels.width && height === pixels.height) {
    return { data, width, x0: sections?.trim.x0 ?? 0, y0: sections?.trim.y0 ?? 0 };
  }
  if (width === image.width && height === image.height) return { data, width, x0: 0, y0: 0 };
  throw new AstridError(
    'preprocessing/calibration-shape-mismatch',
    `The ${kind} frame is ${width} x ${height} px but ${name} is ${pixels.width} x ${pixels.height} px; use one of the same detector and binning.`,
    { kind, frameWidth: width, frameHeight: height, width: pixels.width, height: pixels.height },
  );
}

function pixelOf(frame: Placed, x: number, y: number): number {
  return frame.data[(y + frame.y0) * frame.width + x + frame.x0]!;
}

/** The level of a raw bias in the section where the exposure's own overscan was measured; 0 if it has none. */
function overscanLevel(bias: Plane, exposure: Exposure, sections: ImageSections | undefined): number {
  const overscan = sections?.overscan;
  if (
    overscan === undefined ||
    bias.width !== exposure.pixels.width ||
    bias.height !== exposure.pixels.height
  ) {
    return 0;
  }
  const { x0, x1, y0, y1 } = overscan.section;
  const values = new Float32Array((x1 - x0) * (y1 - y0));
  for (let y = y0; y < y1; y++) {
    values.set(bias.data.subarray(y * bias.width + x0, y * bias.width + x1), (y - y0) * (x1 - x0));
  }
  return selectMedian(values);
}
