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
    // The row's stretch within reach; a pixel more, for rounding.
    const middle = (-cxy * dy) / (2 * cxx);
    const spread = Math.sqrt(Math.max(0, middle * middle - (cyy * dy * dy - reach * reach) / cxx)) + 1;
    const last = Math.min(x1, Math.ceil(x + middle + spread));
    for (let px = Math.max(x0, Math.floor(x + middle - spread)); px <= last; px++) {
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
/** The ring of a square of a distance in rings: a whole number's root has the same whole part as those up to the next. */
const ROOTS = Uint8Array.from({ length: RINGS * RINGS }, (_, square) => Math.sqrt(square));
/** Pixels this close to the centre are sampled 5 x 5 times; further out a ring is nearly straight across a pixel. */
const NEAR_PX = 5;
const NEAR_SUBPIXELS = 5;
const squaresAlongX = new Float64Array(NEAR_SUBPIXELS);
const squaresAlongY = new Float64Array(NEAR_SUBPIXELS);

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
  const { width, height } = source.image;
  rings.fill(0);
  const perStep = RINGS / reach;
  const whole: Box = {
    x0: Math.max(0, Math.floor(x - reach)),
    x1: Math.min(width - 1, Math.ceil(x + reach)),
    y0: Math.max(0, Math.floor(y - reach)),
    y1: Math.min(height - 1, Math.ceil(y + reach)),
  };
  const wanted = fraction * flux;
  let done: Box | undefined;
  for (const half of CORES_PX) {
    const core: Box = {
      x0: Math.max(whole.x0, Math.round(x) - half),
      x1: Math.min(whole.x1, Math.round(x) + half),
      y0: Math.max(whole.y0, Math.round(y) - half),
      y1: Math.min(whole.y1, Math.round(y) + half),
    };
    fillRings(source, x, y, own, perStep, core, done);
    // Centres beyond the core are at least its half-width and half a pixel away, and reach half a pixel inwards.
    const within = crossRings(wanted, perStep, Math.min(RINGS, Math.floor(half * perStep)));
    if (within !== undefined) return within;
    done = core;
  }
  fillRings(source, x, y, own, perStep, whole, done);
  return crossRings(wanted, perStep, RINGS) ?? reach;
}

/** A box of pixels, both ends in it. */
interface Box {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

/** Half-widths of boxes that hold half of many and of most sources' light, px. */
const CORES_PX = [2, 3];

/** Share the light of a box among the rings, but that of a box inside it. */
function fillRings(
  source: Measurable,
  x: number,
  y: number,
  own: number,
  perStep: number,
  box: Box,
  done: Box | undefined,
): void {
  const { image, owners } = source;
  const { width, data } = image;
  const share = 1 / (NEAR_SUBPIXELS * NEAR_SUBPIXELS);
  const [columns, rows] = [squaresAlongX, squaresAlongY];
  for (let py = box.y0; py <= box.y1; py++) {
    const dy = py - y;
    fillSquares(rows, dy, perStep);
    const isDone = done !== undefined && py >= done.y0 && py <= done.y1;
    for (let px = box.x0; px <= box.x1; px++) {
      if (isDone && px === done.x0) px = Math.max(px, done.x1 + 1);
      if (px > box.x1) break;
      const dx = px - x;
      const at = py * width + px;
      const owner = owners[at]!;
      const value = owner === NOBODY || owner === own ? data[at]! : mirrorPixel(source, own, x, y, px, py);
      if (Math.abs(dx) >= NEAR_PX || Math.abs(dy) >= NEAR_PX) {
        const distance = Math.sqrt(dx * dx + dy * dy);
        // The corners of the box are beyond the last ring.
        if ((distance - 0.5) * perStep < RINGS) spreadOverRings(value, distance, perStep);
        continue;
      }
      fillSquares(columns, dx, perStep);
      const part = value * share;
      for (let j = 0; j < NEAR_SUBPIXELS; j++) {
        const yy = rows[j]!;
        for (let i = 0; i < NEAR_SUBPIXELS; i++) {
          const square = columns[i]! + yy;
          if (square < RINGS * RINGS) rings[ROOTS[square | 0]!]! += part;
        }
      }
    }
  }
}

/** Squares of how far the samples of a pixel are from the centre along one axis, in rings. */
function fillSquares(squares: Float64Array, distance: number, perStep: number): void {
  for (let i = 0; i < NEAR_SUBPIXELS; i++) {
    const place = (distance + (i + 0.5) / NEAR_SUBPIXELS - 0.5) * perStep;
    squares[i] = place * place;
  }
}

/** The radius at which the first `count` rings hold the wanted light, `undefined` if they do not. */
function crossRings(wanted: number, perStep: number, count: number): number | undefined {
  let inner = 0;
  for (let ring = 0; ring < count; ring++) {
    const outer = inner + rings[ring]!;
    if (outer >= wanted) return (ring + (outer > inner ? (wanted - inner) / (outer - inner) : 0)) / perStep;
    inner = outer;
  }
  return undefined;
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
