import { indexOfPixel } from './apply-display.ts';
import { COLORMAP_SIZE, makeColormap } from './colormaps.ts';
import { equalisingCurve } from './equalise.ts';
import type { Colormap, Display, ImageSource, Limits, Size } from './model.ts';

const palettes = new Map<Colormap, Uint8Array>();

/**
 * Colour a small image without a graphics card: for thumbnails, and where there is no WebGL2.
 *
 * Reduced by the mean of what a screen pixel covers, magnified by repeating pixels; y up becomes y down.
 *
 * @param size of the result, device pixels.
 * @param notFinite red, green, blue (0..1) of pixels that are not finite.
 * @returns `size.width * size.height` times red, green, blue, alpha.
 */
export function paintCutout(
  source: ImageSource,
  size: Size,
  display: Display,
  limits: Limits,
  notFinite: readonly [number, number, number],
): Uint8ClampedArray<ArrayBuffer> {
  const palette = paletteOf(display.colormap);
  const curve = display.stretch === 'histeq' ? equalisingCurve(source.statistics, limits) : undefined;
  const painted = new Uint8ClampedArray(size.width * size.height * 4);
  for (let row = 0; row < size.height; row++) {
    const [bottom, top] = covered(size.height - 1 - row, size.height, source.height);
    for (let column = 0; column < size.width; column++) {
      const [left, right] = covered(column, size.width, source.width);
      const index = indexOfPixel(meanOf(source, left, right, bottom, top), limits, display, curve);
      const at = (row * size.width + column) * 4;
      if (index === undefined) {
        for (let k = 0; k < 3; k++) painted[at + k] = notFinite[k]! * 255;
      } else {
        const entry = Math.round(index * (COLORMAP_SIZE - 1)) * 4;
        for (let k = 0; k < 3; k++) painted[at + k] = palette[entry + k]!;
      }
      painted[at + 3] = 255;
    }
  }
  return painted;
}

/** First and last source pixel under a screen pixel. */
function covered(position: number, screenSize: number, sourceSize: number): [number, number] {
  const first = Math.floor((position * sourceSize) / screenSize);
  const last = Math.ceil(((position + 1) * sourceSize) / screenSize) - 1;
  return [first, Math.max(first, Math.min(sourceSize - 1, last))];
}

function meanOf(source: ImageSource, left: number, right: number, bottom: number, top: number): number {
  let sum = 0;
  let count = 0;
  for (let y = bottom; y <= top; y++) {
    for (let x = left; x <= right; x++) {
      const value = source.valueAt(x, y);
      if (value === undefined || !Number.isFinite(value)) continue;
      sum += value;
      count++;
    }
  }
  return count > 0 ? sum / count : Number.NaN;
}

function paletteOf(name: Colormap): Uint8Array {
  const palette = palettes.get(name) ?? makeColormap(name);
  palettes.set(name, palette);
  return palette;
}
