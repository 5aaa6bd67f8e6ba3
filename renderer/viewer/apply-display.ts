import { readCurve } from './equalise.ts';
import type { Display, Limits, Stretch } from './model.ts';

/** DS9's exponent of the log and pow stretches. */
const EXPONENT = 1000;

/** DS9's ranges of a right-button drag over a whole pane. */
const CONTRAST_RANGE = 10;

/**
 * Bend a fraction between the limits, as DS9, JS9 and ginga do.
 *
 * @param fraction 0 at the lower limit, 1 at the upper; values outside are clamped first.
 * @param curve for `histeq`: the part of the pixels below each fraction; without one it is linear.
 * @returns about 0..1: log ends at 1.0001 and asinh at 0.9994, which the colour index clamps.
 */
export function stretchFraction(stretch: Stretch, fraction: number, curve?: Float32Array): number {
  const x = Math.min(1, Math.max(0, fraction));
  switch (stretch) {
    case 'linear':
      return x;
    case 'log':
      return Math.log10(EXPONENT * x + 1) / Math.log10(EXPONENT);
    case 'pow':
      return (EXPONENT ** x - 1) / EXPONENT;
    case 'sqrt':
      return Math.sqrt(x);
    case 'squared':
      return x * x;
    case 'asinh':
      return Math.asinh(10 * x) / 3;
    case 'sinh':
      return Math.sinh(3 * x) / 10;
    case 'histeq':
      return curve === undefined ? x : readCurve(curve, x);
  }
}

/**
 * Apply contrast and bias to a stretched fraction, then invert it if asked.
 *
 * Inverting after is DS9's inverted map, whose bias is 1 - bias: the two give the same colour.
 *
 * @returns the place in the colour map, 0..1.
 */
export function colourIndex(stretched: number, contrast: number, bias: number, invert: boolean): number {
  const index = Math.min(1, Math.max(0, (stretched - bias) * contrast + 0.5));
  return invert ? 1 - index : index;
}

/** The place in the colour map of one pixel, 0..1; `undefined` for a pixel that is not finite. */
export function indexOfPixel(
  value: number,
  limits: Limits,
  display: Display,
  curve?: Float32Array,
): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  const fraction = (value - limits.lo) / (limits.hi - limits.lo);
  return colourIndex(
    stretchFraction(display.stretch, fraction, curve),
    display.contrast,
    display.bias,
    display.invert,
  );
}

/**
 * Contrast and bias of a right-button drag: absolute in the pane, as in DS9.
 *
 * @param across 0 at the pane's left edge, 1 at its right.
 * @param down   0 at the pane's top edge, 1 at its bottom.
 */
export function contrastBiasAt(across: number, down: number): { contrast: number; bias: number } {
  return {
    contrast: Math.min(1, Math.max(0, down)) * CONTRAST_RANGE,
    bias: Math.min(1, Math.max(0, across)),
  };
}
