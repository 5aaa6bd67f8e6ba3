import type { SkyLattice, Wcs } from '../../observations/index.ts';
import { evaluatePlaneAt, fitPlane, linearPart, type PlaneMap } from '../../preprocessing/index.ts';
import { deprojectTangent, projectTangent, type TangentFrame } from './project-tangent.ts';
import { writeSip } from './write-sip.ts';

/** Highest order of the distortion that is tried. */
const MOST_ORDER = 5;

/** Error of a header that suffices, px. */
const ENOUGH_PX = 0.01;

/**
 * Write the sky of a lattice as a TAN or TAN-SIP header, for files of an image whose own header is not at hand.
 *
 * The lowest order that is right to a hundredth of a pixel, else the best that there is.
 *
 * @returns the WCS, and its largest error over the nodes, px; `undefined` for a lattice that no plane touches.
 */
export function fitLattice(
  lattice: SkyLattice,
  widthPx: number,
  heightPx: number,
): { readonly wcs: Wcs; readonly errorPx: number } | undefined {
  const count = lattice.columns * lattice.rows;
  const x = Float64Array.from({ length: count }, (_, k) => (k % lattice.columns) * lattice.stepPx);
  const y = Float64Array.from({ length: count }, (_, k) => Math.floor(k / lattice.columns) * lattice.stepPx);
  const sky = { raDeg: Float64Array.from(lattice.raDeg), decDeg: Float64Array.from(lattice.decDeg) };
  const [xMid, yMid] = [(widthPx - 1) / 2, (heightPx - 1) / 2];
  let best: { order: number; frame: TangentFrame; map: PlaneMap; errorPx: number } | undefined;
  for (let order = 1; order <= MOST_ORDER; order++) {
    if (count < ((order + 1) * (order + 2)) / 2) break;
    const fit = fitAround(sky, x, y, xMid, yMid, lattice, order);
    if (fit === undefined) break;
    if (best === undefined || fit.errorPx < best.errorPx) best = { order, ...fit };
    if (best.errorPx <= ENOUGH_PX) break;
  }
  if (best === undefined) return undefined;
  const { wcs } = writeSip(best.map, best.frame, xMid, yMid, { widthPx, heightPx });
  return { wcs, errorPx: best.errorPx };
}

/** Fit with the plane touching the sky in the middle of the image: found in a few steps. */
function fitAround(
  { raDeg, decDeg }: { readonly raDeg: Float64Array; readonly decDeg: Float64Array },
  x: Float64Array,
  y: Float64Array,
  xMid: number,
  yMid: number,
  { columns, stepPx, pixelScaleArcsec }: SkyLattice,
  order: number,
): { frame: TangentFrame; map: PlaneMap; errorPx: number } | undefined {
  const first = Math.min(raDeg.length - 1, Math.round(yMid / stepPx) * columns + Math.round(xMid / stepPx));
  let frame: TangentFrame = {
    raDeg: raDeg[first]!,
    decDeg: decDeg[first]!,
    unitArcsec: pixelScaleArcsec,
  };
  for (let step = 0; ; step++) {
    const { x: u, y: v } = projectTangent(raDeg, decDeg, frame);
    if (u.some(Number.isNaN)) return undefined;
    const map = fitPlane({ x, y, u, v }, order);
    if (map === undefined) return undefined;
    const middle = evaluatePlaneAt(map, Float64Array.of(xMid), Float64Array.of(yMid));
    if (step < 4 && Math.hypot(middle.x[0]!, middle.y[0]!) > 1e-9) {
      frame = { ...frame, ...deprojectTangent(middle.x[0]!, middle.y[0]!, frame) };
      continue;
    }
    const [a, b, c, d] = linearPart(map);
    const scale = Math.sqrt(Math.abs(a * d - b * c));
    const fitted = evaluatePlaneAt(map, x, y);
    let worst = 0;
    for (let k = 0; k < x.length; k++)
      worst = Math.max(worst, Math.hypot(fitted.x[k]! - u[k]!, fitted.y[k]! - v[k]!));
    return { frame, map, errorPx: worst / scale };
  }
}
