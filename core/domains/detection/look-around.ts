import { boxAround, type MaskedImage, type Part, partOf } from '../observations/index.ts';
import type { MeasuringContext } from './measure-features.ts';
import { SPOIL_REACH_PX } from './measure-surroundings.ts';

/** Both images around a peak, in memory. */
export interface Surroundings {
  readonly science: MaskedImage & Part;
  readonly template: MaskedImage & Part;
}

/** Stamps of the images reach so far, FWHM. */
const REACH_FWHM = 1.5;
/** A position is up to three pixels from its peak. */
const SLACK_PX = 4;

/** Give as much of both images as measuring a peak looks at. */
export function lookAround(
  { input, reading }: MeasuringContext,
  { xPx, yPx }: { readonly xPx: number; readonly yPx: number },
): Surroundings {
  const { difference, science, template } = input;
  const { width, height } = difference.difference;
  const fwhmPx = Math.max(difference.sciencePsf.fwhmPx, difference.templatePsf.fwhmPx);
  const reach = Math.ceil(Math.max(SPOIL_REACH_PX, REACH_FWHM * fwhmPx)) + SLACK_PX;
  const box = boxAround(xPx, yPx, reach, width, height);
  return { science: partOf(science, box, reading), template: partOf(template, box, reading) };
}
