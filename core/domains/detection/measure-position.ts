import type { Plane } from '../../kernels/index.ts';

/** Where a point source is and how bright, read off the matched-filter flux. */
export interface PointSource {
  readonly xPx: number;
  readonly yPx: number;
  readonly fluxE: number;
  readonly fluxErrE: number;
}

/**
 * Locate a point source at the extremum of the matched-filter flux near a peak.
 *
 * The extremum of that image is the maximum-likelihood position and its value the PSF flux; a quadratic
 * through the nine pixels around gives both to a fraction of a pixel.
 *
 * @param flux PSF flux if a source were centred on each pixel, e-.
 * @param fluxErr its error, e-.
 * @param x,y the peak's pixel.
 * @see Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27, eq. 41-43
 */
export function measurePosition(
  flux: Plane,
  fluxErr: Plane,
  x: number,
  y: number,
  sign: number,
): PointSource {
  const { width, height, data } = flux;
  const { px, py } = climb(flux, x, y, sign);
  if (px < 1 || py < 1 || px > width - 2 || py > height - 2) {
    const i = y * width + x;
    return { xPx: x, yPx: y, fluxE: data[i]!, fluxErrE: fluxErr.data[i]! };
  }
  const raw = (dx: number, dy: number): number => sign * data[(py + dy) * width + px + dx]!;
  // The matched filter's peak is nearly a Gaussian, whose logarithm is a parabola.
  const lowest = Math.min(
    raw(-1, -1),
    raw(0, -1),
    raw(1, -1),
    raw(-1, 0),
    raw(1, 0),
    raw(-1, 1),
    raw(0, 1),
    raw(1, 1),
  );
  const isLog = lowest > 0.1 * raw(0, 0);
  const at = isLog ? (dx: number, dy: number): number => Math.log(raw(dx, dy)) : raw;
  // Least-squares quadratic over 3 x 3.
  let gx = 0;
  let gy = 0;
  let xx = 0;
  let yy = 0;
  for (let k = -1; k <= 1; k++) {
    gx += (at(1, k) - at(-1, k)) / 6;
    gy += (at(k, 1) - at(k, -1)) / 6;
    xx += (at(1, k) - 2 * at(0, k) + at(-1, k)) / 3;
    yy += (at(k, 1) - 2 * at(k, 0) + at(k, -1)) / 3;
  }
  const xy = (at(1, 1) + at(-1, -1) - at(1, -1) - at(-1, 1)) / 4;
  const determinant = xx * yy - xy * xy;
  let dx = 0;
  let dy = 0;
  if (xx < 0 && determinant > 0) {
    dx = -(yy * gx - xy * gy) / determinant;
    dy = -(xx * gy - xy * gx) / determinant;
    if (Math.abs(dx) > 1 || Math.abs(dy) > 1) [dx, dy] = [0, 0];
  }
  // The middle pixel fixes the height: the least-squares mean would lower a sharp peak.
  const rise = dx === 0 && dy === 0 ? 0 : 0.5 * (gx * dx + gy * dy);
  const peak = isLog ? raw(0, 0) * Math.exp(rise) : raw(0, 0) + rise;
  return {
    xPx: px + dx,
    yPx: py + dy,
    fluxE: sign * peak,
    fluxErrE: interpolate(fluxErr, px + dx, py + dy),
  };
}

/** The pixel whose flux is the extremum near a peak of the score: two peaks that share it are one source. */
export function climb(
  { width, height, data }: Plane,
  x: number,
  y: number,
  sign: number,
): { readonly px: number; readonly py: number } {
  let px = x;
  let py = y;
  // The score's extremum and the flux's may be a pixel apart where the noise is steep.
  for (let step = 0; step < 2; step++) {
    let best = sign * data[py * width + px]!;
    let [bx, by] = [px, py];
    for (let j = Math.max(1, py - 1); j <= Math.min(height - 2, py + 1); j++) {
      for (let i = Math.max(1, px - 1); i <= Math.min(width - 2, px + 1); i++) {
        if (sign * data[j * width + i]! > best) {
          best = sign * data[j * width + i]!;
          [bx, by] = [i, j];
        }
      }
    }
    if (bx === px && by === py) break;
    [px, py] = [bx, by];
  }
  return { px, py };
}

/** Read a plane between pixels, bilinearly; the nearest pixel's value outside. */
export function interpolate({ width, height, data }: Plane, x: number, y: number): number {
  const cx = Math.min(width - 1.001, Math.max(0, x));
  const cy = Math.min(height - 1.001, Math.max(0, y));
  const x0 = Math.floor(cx);
  const y0 = Math.floor(cy);
  const fx = cx - x0;
  const fy = cy - y0;
  const i = y0 * width + x0;
  const low = data[i]! * (1 - fx) + data[i + 1]! * fx;
  const high = data[i + width]! * (1 - fx) + data[i + width + 1]! * fx;
  return low * (1 - fy) + high * fy;
}
