import type { MaskPlane, Plane } from '../../kernels/index.ts';

/** A sum over an aperture. */
export interface ApertureSum {
  /** Unit of the image; missing pixels are made up for by the mean of the others. */
  readonly flux: number;
  readonly fluxErr: number;
  /** Area of the aperture on the image, px^2. */
  readonly areaPx: number;
  /** Fraction of the aperture that is on the image and usable, 0..1. */
  readonly usableFraction: number;
}

/** Pixels and what is known of them; `variance` may be one number for all. */
export interface Measurable {
  readonly image: Plane;
  readonly variance: Plane | number;
  readonly mask?: MaskPlane | undefined;
  /** Mask bits of pixels that are left out. */
  readonly excluded: number;
}

/**
 * Sum an image over a circle, weighting each pixel by the exact area of it that is inside.
 *
 * @param radius px.
 * @see the integral of sqrt(r^2 - x^2), applied to the four quadrants of a pixel.
 */
export function measureAperture(source: Measurable, x: number, y: number, radius: number): ApertureSum {
  return sumOverlap(source, x, y, radius, radius, Math.PI * radius * radius, (dx, dy) => {
    const distance = Math.sqrt(dx * dx + dy * dy);
    if (distance > radius + 0.7072) return 0;
    if (distance < radius - 0.7072) return 1;
    return circleOverlap(dx - 0.5, dx + 0.5, dy - 0.5, dy + 0.5, radius);
  });
}

/** An ellipse r^2 = cxx dx^2 + cyy dy^2 + cxy dx dy. */
export interface EllipseShape {
  readonly cxx: number;
  readonly cyy: number;
  readonly cxy: number;
}

/**
 * Sum an image over an ellipse; pixels on its rim are sampled `subpixels` x `subpixels` times.
 *
 * @param scale the ellipse's size in units of its own r.
 * @param subpixels 1 takes a pixel in or out by its centre.
 */
export function measureEllipse(
  source: Measurable,
  x: number,
  y: number,
  shape: EllipseShape,
  scale: number,
  subpixels = 5,
): ApertureSum {
  const { cxx, cyy, cxy } = shape;
  const discriminant = cxx * cyy - (cxy * cxy) / 4;
  const reachX = scale * Math.sqrt(cyy / discriminant);
  const reachY = scale * Math.sqrt(cxx / discriminant);
  const limit = scale * scale;
  // One pixel's half diagonal, measured along the short axis, in units of r.
  const steepest = Math.sqrt((cxx + cyy + Math.sqrt((cxx - cyy) ** 2 + cxy * cxy)) / 2);
  const margin = 0.7072 * steepest;
  const outer = (scale + margin) ** 2;
  const inner = scale > margin ? (scale - margin) ** 2 : 0;
  const whole = (Math.PI * limit) / Math.sqrt(discriminant);
  return sumOverlap(source, x, y, reachX, reachY, whole, (dx, dy) => {
    const distance = cxx * dx * dx + cyy * dy * dy + cxy * dx * dy;
    if (distance >= outer) return 0;
    if (distance < inner) return 1;
    let inside = 0;
    for (let j = 0; j < subpixels; j++) {
      const sy = dy + (j + 0.5) / subpixels - 0.5;
      for (let i = 0; i < subpixels; i++) {
        const sx = dx + (i + 0.5) / subpixels - 0.5;
        if (cxx * sx * sx + cyy * sy * sy + cxy * sx * sy < limit) inside++;
      }
    }
    return inside / (subpixels * subpixels);
  });
}

function sumOverlap(
  source: Measurable,
  x: number,
  y: number,
  reachX: number,
  reachY: number,
  whole: number,
  overlapOf: (dx: number, dy: number) => number,
): ApertureSum {
  const { image, variance, mask, excluded } = source;
  const { width, height, data } = image;
  const x0 = Math.max(0, Math.floor(x - reachX));
  const x1 = Math.min(width - 1, Math.ceil(x + reachX));
  const y0 = Math.max(0, Math.floor(y - reachY));
  const y1 = Math.min(height - 1, Math.ceil(y + reachY));
  const variances = typeof variance === 'number' ? undefined : variance.data;
  const constant = typeof variance === 'number' ? variance : 0;
  let flux = 0;
  let fluxVariance = 0;
  let area = 0;
  let usable = 0;
  for (let py = y0; py <= y1; py++) {
    for (let px = x0; px <= x1; px++) {
      const overlap = overlapOf(px - x, py - y);
      if (overlap === 0) continue;
      const at = py * width + px;
      area += overlap;
      const value = data[at]!;
      if (value - value !== 0 || (mask !== undefined && (mask.data[at]! & excluded) !== 0)) continue;
      usable += overlap;
      flux += overlap * value;
      fluxVariance += overlap * (variances === undefined ? constant : variances[at]!);
    }
  }
  if (usable > 0 && usable < area) {
    flux *= area / usable;
    fluxVariance *= area / usable;
  }
  return {
    flux,
    fluxErr: Math.sqrt(Math.max(0, fluxVariance)),
    areaPx: area,
    usableFraction: whole > 0 ? Math.min(1, usable / whole) : 0,
  };
}

/** Area that a circle about the origin shares with the rectangle [x0, x1] x [y0, y1]. */
export function circleOverlap(x0: number, x1: number, y0: number, y1: number, radius: number): number {
  return (
    quadrantOverlap(x1, y1, radius) -
    quadrantOverlap(x0, y1, radius) -
    quadrantOverlap(x1, y0, radius) +
    quadrantOverlap(x0, y0, radius)
  );
}

/** Signed area of circle and rectangle between the origin and (x, y); odd in both. */
function quadrantOverlap(x: number, y: number, radius: number): number {
  const sign = x < 0 !== y < 0 ? -1 : 1;
  const w = Math.min(Math.abs(x), radius);
  const h = Math.min(Math.abs(y), radius);
  const square = radius * radius;
  if (w * w + h * h <= square) return sign * w * h;
  const corner = Math.sqrt(Math.max(0, square - h * h));
  const arc = (t: number): number =>
    0.5 * (t * Math.sqrt(Math.max(0, square - t * t)) + square * Math.asin(Math.min(1, t / radius)));
  return sign * (corner * h + arc(w) - arc(corner));
}
