import type { Projection, Wcs } from './model.ts';

/** What of a WCS says how the sphere is laid on the plane. */
export type SphereProjection = Pick<Wcs, 'projection' | 'parameters' | 'zpnLimitRad'>;

/** Where results are left: a plane point in `[0], [1]` (rad) or a unit vector in `[0], [1], [2]`. */
export type Scratch = Float64Array;

/**
 * Map a unit vector of the native sphere to the projection plane.
 *
 * Vectors instead of angles: no trigonometry in the zenithal family, and no loss of digits near a pole.
 *
 * @param vector native unit vector (cos t cos p, cos t sin p, sin t).
 * @param out receives x, y in radians.
 * @returns whether the point is visible in this projection.
 * @see Calabretta & Greisen 2002, A&A 395, 1077, section 5.
 */
export function projectVector(
  { projection, parameters, zpnLimitRad }: SphereProjection,
  vector: Scratch,
  out: Scratch,
): boolean {
  const x = vector[0]!;
  const y = vector[1]!;
  const z = vector[2]!;
  switch (projection) {
    case 'TAN':
      if (z <= 0) return false;
      return setPoint(out, y / z, -x / z);
    case 'SIN': {
      const xi = parameters[1] ?? 0;
      const eta = parameters[2] ?? 0;
      // Paper II eq. 61-62; the far side of the slanted line of sight is hidden.
      if (z + xi * y - eta * x < 0) return false;
      return setPoint(out, y + xi * (1 - z), -x + eta * (1 - z));
    }
    case 'STG': {
      if (z <= -1 + 1e-14) return false;
      const scale = 2 / (1 + z);
      return setPoint(out, scale * y, -scale * x);
    }
    case 'ZEA': {
      if (z <= -1 + 1e-14) return false;
      const scale = Math.sqrt(2 / (1 + z));
      return setPoint(out, scale * y, -scale * x);
    }
    case 'ARC':
    case 'ZPN': {
      const sine = Math.hypot(x, y);
      const angle = Math.atan2(sine, z);
      let radius = angle;
      if (projection === 'ZPN') {
        if (angle > zpnLimitRad) return false;
        radius = polynomialAt(parameters, angle);
      }
      if (sine === 0) return setPoint(out, 0, -radius);
      return setPoint(out, (radius * y) / sine, (-radius * x) / sine);
    }
    case 'CAR':
      return setPoint(out, Math.atan2(y, x), Math.atan2(z, Math.hypot(x, y)));
    case 'CEA':
      return setPoint(out, Math.atan2(y, x), z / (parameters[1] ?? 1));
    case 'MER': {
      const cosine = Math.hypot(x, y);
      if (cosine === 0) return false;
      return setPoint(out, Math.atan2(y, x), Math.asinh(z / cosine));
    }
    case 'SFL': {
      const cosine = Math.hypot(x, y);
      return setPoint(out, Math.atan2(y, x) * cosine, Math.atan2(z, cosine));
    }
    case 'AIT': {
      const cosine = Math.hypot(x, y);
      const half = Math.atan2(y, x) / 2;
      const gamma = Math.sqrt(2 / (1 + cosine * Math.cos(half)));
      return setPoint(out, 2 * gamma * cosine * Math.sin(half), gamma * z);
    }
    default:
      return assertNever(projection);
  }
}

/**
 * Map a point of the projection plane to a unit vector of the native sphere.
 *
 * @param x plane coordinate, rad.
 * @param y plane coordinate, rad.
 * @param out receives the unit vector.
 * @returns whether the point lies inside the projected sky.
 */
export function deprojectPoint(
  { projection, parameters, zpnLimitRad }: SphereProjection,
  x: number,
  y: number,
  out: Scratch,
): boolean {
  switch (projection) {
    case 'TAN': {
      const scale = 1 / Math.sqrt(1 + x * x + y * y);
      return setVector(out, -y * scale, x * scale, scale);
    }
    case 'SIN':
      return deprojectSlantOrthographic(parameters[1] ?? 0, parameters[2] ?? 0, x, y, out);
    case 'STG': {
      const square = x * x + y * y;
      const scale = 1 / (4 + square);
      return setVector(out, -4 * y * scale, 4 * x * scale, (4 - square) * scale);
    }
    case 'ZEA': {
      const square = x * x + y * y;
      if (square > 4) return false;
      const scale = Math.sqrt(1 - square / 4);
      return setVector(out, -y * scale, x * scale, 1 - square / 2);
    }
    case 'ARC':
    case 'ZPN': {
      const radius = Math.hypot(x, y);
      const angle = projection === 'ARC' ? radius : solveZpn(parameters, zpnLimitRad, radius);
      if (angle === undefined || angle > Math.PI) return false;
      const sine = Math.sin(angle);
      if (radius === 0) return setVector(out, sine, 0, Math.cos(angle));
      return setVector(out, (-y / radius) * sine, (x / radius) * sine, Math.cos(angle));
    }
    case 'CAR':
      if (Math.abs(y) > Math.PI / 2) return false;
      return setFromAngles(out, x, Math.sin(y), Math.cos(y));
    case 'CEA': {
      const sine = y * (parameters[1] ?? 1);
      if (Math.abs(sine) > 1) return false;
      return setFromAngles(out, x, sine, Math.sqrt((1 - sine) * (1 + sine)));
    }
    case 'MER':
      return setFromAngles(out, x, Math.tanh(y), 1 / Math.cosh(y));
    case 'SFL': {
      if (Math.abs(y) > Math.PI / 2) return false;
      const cosine = Math.cos(y);
      if (cosine === 0) return setVector(out, 0, 0, Math.sign(y));
      if (Math.abs(x) > Math.PI * cosine * (1 + 1e-12)) return false;
      return setFromAngles(out, x / cosine, Math.sin(y), cosine);
    }
    case 'AIT': {
      const square = 1 - (x * x) / 16 - (y * y) / 4;
      if (square < 0.5) return false;
      const root = Math.sqrt(square);
      const acrossHalf = (x * root) / 2;
      const alongHalf = 2 * square - 1;
      const cosine = Math.hypot(acrossHalf, alongHalf);
      return setFromAngles(out, 2 * Math.atan2(acrossHalf, alongHalf), y * root, cosine);
    }
    default:
      return assertNever(projection);
  }
}

/** Tell the native longitude and latitude (degrees) of a projection's fiducial point. @see Paper II, table 13 */
export function fiducialPoint(projection: Projection): readonly [number, number] {
  switch (projection) {
    case 'TAN':
    case 'SIN':
    case 'STG':
    case 'ZEA':
    case 'ARC':
    case 'ZPN':
      return [0, 90];
    case 'CAR':
    case 'CEA':
    case 'MER':
    case 'SFL':
    case 'AIT':
      return [0, 0];
    default:
      return assertNever(projection);
  }
}

/** Paper II eq. 63-66: the root on the near side of the sphere. */
function deprojectSlantOrthographic(xi: number, eta: number, x: number, y: number, out: Scratch): boolean {
  const a = xi * xi + eta * eta + 1;
  const b = xi * (x - xi) + eta * (y - eta);
  const c = (x - xi) ** 2 + (y - eta) ** 2 - 1;
  const discriminant = b * b - a * c;
  if (discriminant < 0) return false;
  const sine = (-b + Math.sqrt(discriminant)) / a;
  if (Math.abs(sine) > 1 + 1e-12) return false;
  return setVector(out, -(y - eta * (1 - sine)), x - xi * (1 - sine), sine);
}

function polynomialAt(coefficients: readonly number[], t: number): number {
  let value = 0;
  for (let m = coefficients.length - 1; m >= 0; m--) value = value * t + (coefficients[m] ?? 0);
  return value;
}

function slopeAt(coefficients: readonly number[], t: number): number {
  let value = 0;
  for (let m = coefficients.length - 1; m >= 1; m--) value = value * t + m * (coefficients[m] ?? 0);
  return value;
}

/**
 * Find the largest angle (rad) up to which ZPN's radius grows with the angle: beyond it the projection folds.
 *
 * The first sign change of the slope is bracketed on a grid of one degree, then bisected.
 */
export function findZpnLimit(parameters: readonly number[]): number {
  const steps = 180;
  let before = 0;
  for (let step = 1; step <= steps; step++) {
    const angle = (step * Math.PI) / steps;
    if (slopeAt(parameters, angle) < 0) {
      let low = before;
      let high = angle;
      for (let i = 0; i < 60; i++) {
        const middle = (low + high) / 2;
        if (slopeAt(parameters, middle) < 0) high = middle;
        else low = middle;
      }
      return low;
    }
    before = angle;
  }
  return Math.PI;
}

/** Angle (rad) at which ZPN's radius is `radius`: Newton inside a bracket, bisection where Newton leaves it. */
function solveZpn(parameters: readonly number[], limitRad: number, radius: number): number | undefined {
  let low = 0;
  let high = limitRad;
  // The reference point itself may be a rounding error inside the smallest radius.
  if (radius < polynomialAt(parameters, low))
    return polynomialAt(parameters, low) - radius < 1e-13 ? 0 : undefined;
  const excess = radius - polynomialAt(parameters, high);
  if (excess > 0) return excess < 1e-13 ? high : undefined;
  let angle = Math.min(high, radius);
  for (let i = 0; i < 100; i++) {
    const error = polynomialAt(parameters, angle) - radius;
    if (error > 0) high = angle;
    else low = angle;
    let next = angle - error / slopeAt(parameters, angle);
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - angle) < 1e-16 || next === angle) return next;
    angle = next;
  }
  return angle;
}

function setPoint(out: Scratch, x: number, y: number): true {
  out[0] = x;
  out[1] = y;
  return true;
}

function setVector(out: Scratch, x: number, y: number, z: number): true {
  out[0] = x;
  out[1] = y;
  out[2] = z;
  return true;
}

function setFromAngles(out: Scratch, longitude: number, sine: number, cosine: number): true {
  return setVector(out, cosine * Math.cos(longitude), cosine * Math.sin(longitude), sine);
}

function assertNever(projection: never): never {
  throw new Error(`Unhandled projection ${String(projection)}.`);
}
