import { selectMedian } from '../../kernels/index.ts';
import { type Dither, ditheredZero, ditherOfTile } from './dither-pixels.ts';

/** The stored integer that stands for a pixel without a value. */
export const quantisedBlank = -2147483647;

/** One tile's floats as integers: `value = (stored - random + 0.5) * scale + zero`. */
interface QuantisedTile {
  readonly stored: Int32Array;
  readonly scale: number;
  readonly zero: number;
}

/**
 * Quantise a tile of floats in steps of a fraction of its noise.
 *
 * @param stepsPerSigma steps in one standard deviation of the noise; 4 adds about 1 % to the noise's square.
 * @param tile zero-based, and `seed` 1 to 10 000: where the dither starts.
 * @returns `undefined` when the tile must be kept without loss: no noise to hide in, infinities, or too wide a range.
 * @see White & Greenfield 1999, ADASS VIII, 125; Pence, White & Seaman 2010, PASP 122, 1065
 */
export function quantiseTile(
  values: Float32Array | Float64Array,
  stepsPerSigma: number,
  dither: Dither,
  tile: number,
  seed: number,
): QuantisedTile | undefined {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return undefined;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const scale = measureNoise(values) / stepsPerSigma;
  // Also false when there is no noise, or no value at all.
  if (!(scale > 0) || !((most - least) / scale < 2 ** 31 - 100)) return undefined;
  // The zeropoint is a whole number of steps, so that quantising twice changes nothing more.
  const zero = Math.round(least / scale) * scale;
  if (!Number.isFinite(zero) || least - zero < -scale) return undefined;

  const random = dither === 'none' ? undefined : ditherOfTile(tile, seed, values.length);
  const stored = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) stored[i] = quantisedBlank;
    else if (dither === 'subtractive-2' && value === 0) stored[i] = ditheredZero;
    else stored[i] = Math.round((value - zero) / scale + (random === undefined ? 0 : random[i]! - 0.5));
  }
  return { stored, scale, zero };
}

/**
 * Measure the noise of a line of pixels from its third-order differences, which a slope or curve does not enter.
 *
 * @returns the standard deviation; 0 if most neighbours are alike or fewer than five have values.
 * @see Stoehr et al. 2008, ADASS XVII, 505 (DER_SNR)
 */
export function measureNoise(values: Float32Array | Float64Array): number {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length < 5) return 0;
  const differences = new Float32Array(known.length - 4);
  for (let i = 2; i < known.length - 2; i++) {
    differences[i - 2] = Math.abs(2 * known[i]! - known[i - 2]! - known[i + 2]!);
  }
  // 1.482602 / sqrt(6)
  return 0.6052697 * selectMedian(differences);
}
