import type { Plane } from '../../../kernels/index.ts';
import type { PsfHalo, SpatialPsf } from '../model.ts';
import { evaluateTerms } from './psf-polynomial.ts';
import { fade } from './shrink-rings.ts';

/** Halos of stars at the rim of an image may be brighter or fainter than on the whole by this factor at most. */
const MOST_VARIED = 4;
/** Of squared radii: farther from a limit than rounding errs. */
const CLEARLY_INSIDE = 1 - 1e-12;
const CLEARLY_OUTSIDE = 1 + 1e-12;

/** Give the halo of stars at pixel (x, y) of the profile's image; `undefined` if unknown. */
export function haloAt(psf: SpatialPsf, x: number, y: number): PsfHalo | undefined {
  const { halo, degree, imageWidth, imageHeight } = psf;
  if (!halo || halo.variation.length === 1) return halo;
  const terms = evaluateTerms(degree, x, y, imageWidth, imageHeight);
  const factor = halo.variation.reduce((sum, value, t) => sum + value * terms[t], 0);
  return { ...halo, peak: halo.peak * Math.max(1 / MOST_VARIED, Math.min(MOST_VARIED, factor)) };
}

/** Give the halo of a star of one electron at an offset from its centre, px. */
export function evaluateHalo(halo: PsfHalo, u: number, v: number): number {
  const r2 = u * u + v * v;
  // Most pixels lie so clearly on one side that the radius need not be known to the last digit.
  if (r2 < CLEARLY_INSIDE * halo.from * halo.from) return 0;
  const isBeyond = r2 > CLEARLY_OUTSIDE * Math.max(halo.from, halo.to) ** 2;
  const radius = isBeyond ? Number.POSITIVE_INFINITY : Math.hypot(u, v);
  if (radius <= halo.from) return 0;
  const profile = halo.peak * (1 + halo.cxx * u * u + halo.cxy * u * v + halo.cyy * v * v) ** -halo.beta;
  return profile * (1 - fade(radius, halo.from, halo.to));
}

/** Give the radius beyond which the halo of a star falls below a level, px; 0 if it never reaches it. */
export function haloRadius(halo: PsfHalo, flux: number, level: number): number {
  const ratio = (flux * halo.peak) / level;
  if (!(ratio > 1)) return 0;
  const c = Math.sqrt(halo.cxx * halo.cyy - halo.cxy ** 2 / 4);
  const radius = Math.sqrt((ratio ** (1 / halo.beta) - 1) / c);
  return radius > halo.from ? radius : 0;
}

/** Give the flux of the faintest star whose halo may reach a level anywhere in the image. */
export function faintestWithHalo(halo: PsfHalo, level: number): number {
  const c = Math.sqrt(halo.cxx * halo.cyy - halo.cxy ** 2 / 4);
  const most = halo.variation.length === 1 ? 1 : MOST_VARIED;
  return (level * (1 + c * halo.from * halo.from) ** halo.beta) / (most * halo.peak);
}

/**
 * Add the halo of a star to a plane, in place.
 *
 * @param x, y of the star on the plane, px.
 * @param reach how far out, px.
 */
export function addHalo(
  { width, height, data }: Plane,
  halo: PsfHalo,
  flux: number,
  x: number,
  y: number,
  reach: number,
): void {
  const { cxx, cyy, cxy, beta, from, to } = halo;
  const peak = flux * halo.peak;
  const toX = Math.min(width - 1, Math.floor(x + reach));
  const toY = Math.min(height - 1, Math.floor(y + reach));
  for (let j = Math.max(0, Math.ceil(y - reach)); j <= toY; j++) {
    const v = j - y;
    for (let i = Math.max(0, Math.ceil(x - reach)); i <= toX; i++) {
      const u = i - x;
      const r2 = u * u + v * v;
      if (r2 > reach * reach || r2 <= from * from) continue;
      const profile = peak * Math.exp(-beta * Math.log1p(cxx * u * u + cxy * u * v + cyy * v * v));
      data[j * width + i] += r2 < to * to ? profile * (1 - fade(Math.sqrt(r2), from, to)) : profile;
    }
  }
}

/** Give the light of a halo, as a fraction of its star's, up to a radius, px. */
export function haloLight(halo: PsfHalo, radius: number): number {
  const c = Math.sqrt(halo.cxx * halo.cyy - halo.cxy ** 2 / 4);
  // Of a profile 1 + c r^2 to the -beta the integral is known: only the rise from `from` to `to` has to be summed.
  const beyond = (r: number) =>
    (Math.PI * halo.peak * (1 + c * r * r) ** (1 - halo.beta)) / (c * (halo.beta - 1));
  const rise = Math.max(0, Math.min(halo.to, radius) - halo.from);
  const steps = 32;
  let light = Math.max(0, beyond(Math.min(halo.to, radius)) - beyond(radius));
  for (let k = 0; k < steps; k++) {
    const r = halo.from + ((k + 0.5) * rise) / steps;
    const profile = halo.peak * (1 + c * r * r) ** -halo.beta;
    light += ((2 * Math.PI * r * rise) / steps) * profile * (1 - fade(r, halo.from, halo.to));
  }
  return light;
}
