import type { PsfConfig } from '../config.ts';
import type { SpatialPsf } from '../model.ts';
import type { HeldOut } from './cross-validate.ts';
import { haloLight } from './halo.ts';
import { measureWings } from './measure-wings.ts';
import { drawMoffat, moffatPeak } from './moffat.ts';
import type { PsfModel } from './psf-model.ts';
import { fade } from './shrink-rings.ts';

/** Light farther out is not counted as a star's: there the profile is a guess, and the sky's error is larger, FWHM. */
const HALO_FWHM = 10;

export interface FinishedPsf {
  readonly psf: SpatialPsf;
  /** All light of the working model, wings beyond the cut too: a star's flux by the model times this is its flux by `psf`. */
  readonly light: number;
}

/**
 * Turn the working model into stamps: wings cut, one stamp per polynomial term, unit sum together with the halo.
 *
 * The wings fade over the last eighth of the radius: a sharp rim would ring in Fourier space. What the cut takes off
 * still belongs to a star: fluxes are all of its light, whatever the profile's wings and wherever it is cut.
 */
export function finishPsf(
  model: PsfModel,
  method: SpatialPsf['method'],
  starsUsed: number,
  held: HeldOut,
  config: PsfConfig,
): FinishedPsf {
  const { size } = model;
  const half = (size - 1) / 2;
  const rim = config.radiusFwhm * model.fwhmPx;
  const from = 0.875 * rim;
  const to = Math.min(rim, half);
  const window = Float64Array.from({ length: size * size }, (_, k) =>
    fade(Math.hypot((k % size) - half, Math.floor(k / size) - half), from, to),
  );
  const constant = new Float64Array(size * size);
  drawMoffat(model.moffat, 0, 0, constant, size);
  const total = constant.map((value, k) => (value + (model.corrections[0]?.[k] ?? 0)) * window[k]);
  const wings = model.corrections.map((table) => measureWings(model.moffat, table, size, model.fwhmPx));
  const level = Math.max(0, 1 + (wings[0] ?? 0));
  const variation = level > 0 ? [1, ...wings.slice(1).map((value) => value / level)] : [1];
  const halo = { peak: level * moffatPeak(model.moffat), ...model.moffat, from, to, variation };
  const inside = total.reduce((a, b) => a + b, 0);
  const outside = haloLight(halo, HALO_FWHM * model.fwhmPx);
  const sum = inside + outside;
  const mean = total.map((value) => value / sum);
  // Light that varies in the halo is missing or left over in the stamp.
  const varying = model.corrections.slice(1).map((table, t) => {
    const cut = table.map((value, k) => (value * window[k]) / sum);
    const light = cut.reduce((a, b) => a + b, 0) + (outside / sum) * (variation[t + 1] ?? 0);
    return cut.map((value, k) => value - ((light * sum) / inside) * mean[k]);
  });
  const psf: SpatialPsf = {
    size,
    degree: varying.length > 0 ? model.degree : 0,
    imageWidth: model.imageWidth,
    imageHeight: model.imageHeight,
    coefficients: [mean, ...varying].map((table) => shareFloats(table)),
    fwhmPx: measureFwhm(mean, size),
    starsUsed,
    heldOutChi2: held.chi2,
    mismatch: held.mismatch,
    method,
    halo: { ...halo, peak: halo.peak / sum },
  };
  return { psf, light: sum };
}

function shareFloats(values: Float64Array): Float32Array {
  const shared = new Float32Array(new SharedArrayBuffer(values.length * 4));
  shared.set(values);
  return shared;
}

/** Give the diameter of the circle that covers as much as the profile does above half its peak, px. */
export function measureFwhm(stamp: ArrayLike<number>, size: number): number {
  const half = (size - 1) / 2;
  const level = stamp[half * size + half] / 2;
  const fine = 8;
  let area = 0;
  for (let j = 0; j < (size - 1) * fine; j++) {
    const y = Math.floor(j / fine);
    const v = (j % fine) / fine + 0.5 / fine;
    for (let i = 0; i < (size - 1) * fine; i++) {
      const x = Math.floor(i / fine);
      const u = (i % fine) / fine + 0.5 / fine;
      const k = y * size + x;
      const lower = stamp[k] * (1 - u) + stamp[k + 1] * u;
      const upper = stamp[k + size] * (1 - u) + stamp[k + size + 1] * u;
      if (lower * (1 - v) + upper * v >= level) area++;
    }
  }
  return 2 * Math.sqrt(area / (fine * fine) / Math.PI);
}
