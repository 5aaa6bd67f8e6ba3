import { allocate, copyIn, copyOut, withArena } from './arena.ts';
import { BAND_ROWS, bandBytes, blockBytes } from './half-layout.ts';
import { kernelModule } from './load-module.ts';
import { prepareTransform, type Transform } from './plan-transform.ts';
import type { Plane } from './plane.ts';
import { makeStamp } from './plane.ts';
import { requireSameSize } from './run-bands.ts';
import type { Spectrum } from './spectrum.ts';
import { makeSpectrum } from './spectrum.ts';
import {
  allocateBand,
  allocateHalf,
  forBands,
  forBlocks,
  storeBlock,
  transformBlock,
  transformRows,
  transformRowsBack,
  transformStampBlock,
  transformStampRows,
} from './transform-blocks.ts';

/**
 * Transform a real plane to its half spectrum, unscaled: X[k] = sum x[n] exp(-2 pi i k n / N).
 *
 * Float32 throughout, with twiddles rounded from float64; relative rms error about 2e-7 at 2048 x 2048. One NaN or
 * infinity spoils every number of the spectrum: fill masked pixels first.
 *
 * @param plane even width; both sides of factors 2, 3 and 5 only (see `goodFftSize`).
 * @param out where to write, for example an arena's spectrum; made if absent.
 * @throws RangeError for a size it does not take.
 */
export function rfft2(plane: Plane, out: Spectrum = makeSpectrum(plane.width, plane.height)): Spectrum {
  requireSameSize(plane, out);
  withArena(() => {
    const transform = prepareTransform(plane.width, plane.height);
    const half = allocateHalf(transform);
    transformRows(plane, transform, half);
    forBlocks(transform, (index, _, columns) => transformBlock(half, index, columns, transform, 0));
    copyHalf(half, transform, out);
  });
  return out;
}

/**
 * Transform a small stamp in a plane of zeros, its middle pixel at the plane's first: a point-spread function's or a
 * kernel's spectrum. Rows of zeros cost nothing.
 *
 * @param stamp odd sides, not larger than the plane.
 * @param width, height of the plane, as `rfft2` takes them.
 * @throws RangeError for sizes it does not take.
 */
export function rfft2OfStamp(
  stamp: Plane,
  width: number,
  height: number,
  out: Spectrum = makeSpectrum(width, height),
): Spectrum {
  requireSameSize({ width, height }, out);
  if (stamp.width % 2 !== 1 || stamp.height % 2 !== 1 || stamp.width > width || stamp.height > height) {
    throw new RangeError(
      `A stamp needs odd sides that fit into the plane; ${stamp.width} x ${stamp.height} does not fit ${width} x ${height}.`,
    );
  }
  withArena(() => {
    const transform = prepareTransform(width, height);
    const half = allocateHalf(transform);
    const rows = transformStampRows(stamp, transform);
    const block = allocate(blockBytes(height));
    forBlocks(transform, (index, _, columns) => {
      transformStampBlock(rows, index, columns, transform, block);
      storeBlock(block, half, index, columns, transform);
    });
    copyHalf(half, transform, out);
  });
  return out;
}

/** Copy a half spectrum in bands and blocks to one in rows. */
function copyHalf(half: number, { width, height }: Transform, out: Spectrum): void {
  const pitch = width + 2;
  const module = kernelModule();
  const stage = allocateBand(pitch);
  forBands(height, (y, count) => {
    const band = half + (y / BAND_ROWS) * bandBytes(width);
    copyOut(out.data, y * pitch, count * pitch, stage, (to) => {
      module.rowsFromBlocks(band, BAND_ROWS, 0, count, width / 2 + 1, to);
    });
  });
}

/**
 * Transform a half spectrum back to its real plane; `irfft2(rfft2(p))` is `p`.
 *
 * Divides by width * height. The imaginary parts that a real plane's spectrum cannot have (columns 0 and width / 2 after
 * the transform along columns) are ignored, as NumPy does. NaN anywhere makes the plane NaN.
 *
 * @param out where to write, for example an arena's plane; absent, it is made for this thread alone.
 * @throws RangeError for a size `rfft2` does not take.
 */
export function irfft2(spectrum: Spectrum, out: Plane = makeStamp(spectrum.width, spectrum.height)): Plane {
  const { width, height } = spectrum;
  requireSameSize(spectrum, out);
  withArena(() => {
    const transform = prepareTransform(width, height);
    const half = allocateHalf(transform);
    const module = kernelModule();
    const pitch = width + 2;
    const stage = allocateBand(pitch);
    forBands(height, (y, count) => {
      const source = copyIn(spectrum.data, y * pitch, count * pitch, stage);
      const band = half + (y / BAND_ROWS) * bandBytes(width);
      module.rowsToBlocks(source, width / 2 + 1, count, band, BAND_ROWS, 0);
    });
    forBlocks(transform, (index, _, columns) => transformBlock(half, index, columns, transform, 1));
    transformRowsBack(half, transform, out);
  });
  return out;
}
