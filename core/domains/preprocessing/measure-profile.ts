import type { EllipseShape, Measurable } from './measure-aperture.ts';

/**
 * Measure the Kron radius: the flux-weighted mean elliptical radius, in units of the ellipse's axes.
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
): number {
  const { image, mask, excluded } = source;
  const { width, height, data } = image;
  const { cxx, cyy, cxy } = shape;
  const discriminant = cxx * cyy - (cxy * cxy) / 4;
  const reachX = reach * Math.sqrt(cyy / discriminant);
  const reachY = reach * Math.sqrt(cxx / discriminant);
  const x0 = Math.max(0, Math.floor(x - reachX));
  const x1 = Math.min(width - 1, Math.ceil(x + reachX));
  const y0 = Math.max(0, Math.floor(y - reachY));
  const y1 = Math.min(height - 1, Math.ceil(y + reachY));
  let weighted = 0;
  let total = 0;
  for (let py = y0; py <= y1; py++) {
    const dy = py - y;
    for (let px = x0; px <= x1; px++) {
      const dx = px - x;
      const distance = cxx * dx * dx + cyy * dy * dy + cxy * dx * dy;
      if (distance > reach * reach) continue;
      const at = py * width + px;
      const value = data[at]!;
      if (value - value !== 0 || (mask !== undefined && (mask.data[at]! & excluded) !== 0)) continue;
      weighted += Math.sqrt(distance) * value;
      total += value;
    }
  }
  return total > 0 && weighted > 0 ? weighted / total : 0;
}

const RINGS = 64;
/** Pixels this close to the centre are sampled 5 x 5 times. */
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
): number {
  if (!(flux > 0) || !(reach > 0)) return 0;
  const { image, mask, excluded } = source;
  const { width, height, data } = image;
  const rings = new Float64Array(RINGS);
  const step = reach / RINGS;
  const x0 = Math.max(0, Math.floor(x - reach));
  const x1 = Math.min(width - 1, Math.ceil(x + reach));
  const y0 = Math.max(0, Math.floor(y - reach));
  const y1 = Math.min(height - 1, Math.ceil(y + reach));
  for (let py = y0; py <= y1; py++) {
    for (let px = x0; px <= x1; px++) {
      const at = py * width + px;
      const value = data[at]!;
      if (value - value !== 0 || (mask !== undefined && (mask.data[at]! & excluded) !== 0)) continue;
      // Far out a pixel is small beside the circle that crosses it.
      const isNear = Math.abs(px - x) < NEAR_PX && Math.abs(py - y) < NEAR_PX;
      const subpixels = isNear ? NEAR_SUBPIXELS : 1;
      const part = value / (subpixels * subpixels);
      for (let j = 0; j < subpixels; j++) {
        const dy = py - y + (j + 0.5) / subpixels - 0.5;
        for (let i = 0; i < subpixels; i++) {
          const dx = px - x + (i + 0.5) / subpixels - 0.5;
          const ring = Math.floor(Math.sqrt(dx * dx + dy * dy) / step);
          if (ring < RINGS) rings[ring]! += part;
        }
      }
    }
  }
  const wanted = fraction * flux;
  let inner = 0;
  for (let ring = 0; ring < RINGS; ring++) {
    const outer = inner + rings[ring]!;
    if (outer >= wanted) return step * (ring + (outer > inner ? (wanted - inner) / (outer - inner) : 0));
    inner = outer;
  }
  return reach;
}
