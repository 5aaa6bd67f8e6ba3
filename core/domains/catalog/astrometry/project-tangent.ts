const RADIAN = Math.PI / 180;

/** Points of a plane; what cannot be projected is NaN. */
export interface PlanePoints {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** A plane that touches the sky: x east, y north, in units of an angle. */
export interface TangentFrame {
  readonly raDeg: number;
  readonly decDeg: number;
  /** Size of a unit, arcsec. */
  readonly unitArcsec: number;
}

/** Farther from the touching point than this nothing is projected: cos 60 degrees. */
const LEAST_COSINE = 0.5;

/** Project places on the sky onto a plane. @see Calabretta & Greisen 2002, A&A 395, 1077, 5.1.3 */
export function projectTangent(raDeg: Float64Array, decDeg: Float64Array, frame: TangentFrame): PlanePoints {
  const [sin0, cos0] = [Math.sin(frame.decDeg * RADIAN), Math.cos(frame.decDeg * RADIAN)];
  const unit = (frame.unitArcsec / 3600) * RADIAN;
  const x = new Float64Array(raDeg.length).fill(Number.NaN);
  const y = new Float64Array(raDeg.length).fill(Number.NaN);
  for (let k = 0; k < raDeg.length; k++) {
    const dRa = (raDeg[k]! - frame.raDeg) * RADIAN;
    const [sin, cos] = [Math.sin(decDeg[k]! * RADIAN), Math.cos(decDeg[k]! * RADIAN)];
    const cosRa = Math.cos(dRa);
    const cosine = sin0 * sin + cos0 * cos * cosRa;
    if (!(cosine > LEAST_COSINE)) continue;
    x[k] = (cos * Math.sin(dRa)) / cosine / unit;
    y[k] = (cos0 * sin - sin0 * cos * cosRa) / cosine / unit;
  }
  return { x, y };
}

/** Give the place on the sky of a point of the plane. */
export function deprojectTangent(
  x: number,
  y: number,
  frame: TangentFrame,
): { readonly raDeg: number; readonly decDeg: number } {
  const unit = (frame.unitArcsec / 3600) * RADIAN;
  const [sin0, cos0] = [Math.sin(frame.decDeg * RADIAN), Math.cos(frame.decDeg * RADIAN)];
  const down = cos0 - y * unit * sin0;
  const raDeg = frame.raDeg + Math.atan2(x * unit, down) / RADIAN;
  const decDeg = Math.atan2(sin0 + y * unit * cos0, Math.hypot(x * unit, down)) / RADIAN;
  return { raDeg: ((raDeg % 360) + 360) % 360, decDeg };
}
