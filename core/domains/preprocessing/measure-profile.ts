import type { Measurable } from './measurable.ts';
import { mirrorPixel, NOBODY } from './measurable.ts';
import type { EllipseShape } from './measure-aperture.ts';
import { ellipseReach } from './measure-aperture.ts';

/**
 * Measure the Kron radius: the flux-weighted mean elliptical radius, in units of the ellipse's axes.
 *
 * Pixels of neighbours and those that must not be used are left out, not replaced by those opposite.
 *
 * @param reach how far to sum, in the same units.
 * @returns 0 when the light within reach is not positive.
 * @see Kron 1980, ApJS 43, 305; Bertin & Arnouts 1996, section 7.2.
 */
export function measureKronRadius(
  source: Measurable,
  x: number,
  y: number,
  shape: EllipseShape,
  reach: number,
  own = NOBODY,
): number {
  const { image, owners } = source;
  const { width, height, data } = image;
  const { cxx, cyy, cxy } = shape;
  const unit = ellipseReach(shape);
  const x0 = Math.max(0, Math.floor(x - reach * unit.x));
  const x1 = Math.min(width - 1, Math.ceil(x + reach * unit.x));
  const y0 = Math.max(0, Math.floor(y - reach * unit.y));
  const y1 = Math.min(height - 1, Math.ceil(y + reach * unit.y));
  let weighted = 0;
  let total = 0;
  for (let py = y0; py <= y1; py++) {
    const dy = py - y;
    for (let px = x0; px <= x1; px++) {
      const dx = px - x;
      const distance = cxx * dx * dx + cyy * dy * dy + cxy * dx * dy;
      if (distance > reach * reach) continue;
      const at = py * width + px;
      const owner = owners[at]!;
      if (owner !== NOBODY && owner !== own) continue;
      const value = data[at]!;
      weighted += Math.sqrt(distance) * value;
      total += value;
    }
  }
  return total > 0 && weighted > 0 ? weighted / total : 0;
}

const RINGS = 64;
const rings = new Float64Array(RINGS);
/** Pixels this close to the centre are sampled 5 x 5 times; further out a ring is nearly straight across a pixel. */
const NEAR_PX = 5;
const NEAR_SUBPIXELS = 5;

/**
 * Measure the radius of the circle that holds a fraction of the light.
 *
 * @param reach largest radius, px.
 * @param flux what the fraction is of.
 * @returns px; `reach` if even that holds less.
 */
export function measureFluxRadius(
  source: Measurable,
  x: number,
  y: number,
  reach: number,
  flux: number,
  fraction: number,
  own = NOBODY,
): number {
  if (!(flux > 0) || !(reach > 0)) return 0;
  const { image, owners } = source;
  const { width, height, data } = image;
  rings.fill(0);
  const perStep = RINGS / reach;
  const x0 = Math.max(0, Math.floor(x - reach));
  const x1 = Math.min(width - 1, Math.ceil(x + reach));
  const y0 = Math.max(0, Math.floor(y - reach));
  const y1 = Math.min(height - 1, Math.ceil(y + reach));
  const share = 1 / (NEAR_SUBPIXELS * NEAR_SUBPIXELS);
  for (let py = y0; py <= y1; py++) {
    const dy = py - y;
    for (let px = x0; px <= x1; px++) {
      const dx = px - x;
      const at = py * width + px;
      const owner = owners[at]!;
      const value = owner === NOBODY || owner === own ? data[at]! : mirrorPixel(source, own, x, y, px, py);
      if (Math.abs(dx) >= NEAR_PX || Math.abs(dy) >= NEAR_PX) {
        spreadOverRings(value, Math.sqrt(dx * dx + dy * dy), perStep);
        continue;
      }
      for (let j = 0; j < NEAR_SUBPIXELS; j++) {
        const sy = dy + (j + 0.5) / NEAR_SUBPIXELS - 0.5;
        for (let i = 0; i < NEAR_SUBPIXELS; i++) {
          const sx = dx + (i + 0.5) / NEAR_SUBPIXELS - 0.5;
          const ring = Math.floor(Math.sqrt(sx * sx + sy * sy) * perStep);
          if (ring < RINGS) rings[ring]! += value * share;
        }
      }
    }
  }
  const wanted = fraction * flux;
  let inner = 0;
  for (let ring = 0; ring < RINGS; ring++) {
    const outer = inner + rings[ring]!;
    if (outer >= wanted) return (ring + (outer > inner ? (wanted - inner) / (outer - inner) : 0)) / perStep;
    inner = outer;
  }
  return reach;
}

/**
 * Share a pixel's light among the rings it lies on, evenly over half a pixel to either side: seen from any direction,
 * a square pixel has the variance of a box of unit width.
 */
function spreadOverRings(value: number, radius: number, perStep: number): void {
  const from = (radius - 0.5) * perStep;
  const to = (radius + 0.5) * perStep;
  const first = Math.floor(from);
  const last = Math.min(RINGS - 1, Math.floor(to));
  if (first === last) {
    rings[first]! += value;
    return;
  }
  const density = value / perStep;
  for (let ring = first; ring <= last; ring++) {
    rings[ring]! += density * (Math.min(to, ring + 1) - Math.max(from, ring));
  }
}
