import { multiplyRotations, type Rotation } from './convert-frame.ts';

const RADIAN = Math.PI / 180;

/** What fixes the native sphere against the celestial one, degrees; named as in Paper II. */
export interface SphereOrientation {
  /** Celestial coordinates of the fiducial point (CRVAL). */
  readonly longitudeDeg: number;
  readonly latitudeDeg: number;
  /** Native coordinates of the fiducial point. */
  readonly nativeLongitudeDeg: number;
  readonly nativeLatitudeDeg: number;
  /** LONPOLE and LATPOLE; `undefined` takes the standard's default. */
  readonly lonPoleDeg?: number | undefined;
  readonly latPoleDeg?: number | undefined;
}

/**
 * Compute the rotation from native unit vectors to celestial ones.
 *
 * @returns nine numbers row-major, or `undefined` when no sphere satisfies the header.
 * @see Calabretta & Greisen 2002, A&A 395, 1077, section 2.4, eq. 2 and 8-10.
 */
export function orientSphere(orientation: SphereOrientation): Rotation | undefined {
  const { longitudeDeg, latitudeDeg, nativeLongitudeDeg, nativeLatitudeDeg } = orientation;
  const lonPole = orientation.lonPoleDeg ?? (latitudeDeg < nativeLatitudeDeg ? 180 : 0) + nativeLongitudeDeg;
  const pole = findNativePole(
    longitudeDeg * RADIAN,
    latitudeDeg * RADIAN,
    (lonPole - nativeLongitudeDeg) * RADIAN,
    nativeLatitudeDeg * RADIAN,
    (orientation.latPoleDeg ?? 90) * RADIAN,
  );
  if (pole === undefined) return undefined;
  const [alpha, delta] = pole;
  const [ca, sa, cd, sd] = [Math.cos(alpha), Math.sin(alpha), Math.cos(delta), Math.sin(delta)];
  const [cp, sp] = [Math.cos(lonPole * RADIAN), Math.sin(lonPole * RADIAN)];
  const turnPole: Rotation = [cp, sp, 0, -sp, cp, 0, 0, 0, 1];
  // Native (x towards the pole's meridian, y, z) into the frame whose prime meridian holds the native pole.
  const tilt: Rotation = [-sd, 0, cd, 0, -1, 0, cd, 0, sd];
  const turnAlpha: Rotation = [ca, -sa, 0, sa, ca, 0, 0, 0, 1];
  return multiplyRotations(turnAlpha, multiplyRotations(tilt, turnPole));
}

/** Celestial coordinates (rad) of the native pole, all arguments in rad. */
function findNativePole(
  alpha0: number,
  delta0: number,
  phiPFromPhi0: number,
  theta0: number,
  latPole: number,
): readonly [number, number] | undefined {
  const tolerance = 1e-10;
  if (Math.abs(theta0 - Math.PI / 2) < tolerance) return [alpha0, delta0];
  const cosTheta0 = Math.cos(theta0);
  const sinTheta0 = Math.sin(theta0);
  const x = cosTheta0 * Math.cos(phiPFromPhi0);
  const length = Math.hypot(x, sinTheta0);
  let deltaP = latPole;
  if (length < tolerance) {
    // Eq. 8 says nothing here: the latitude of the pole is LATPOLE itself.
    if (Math.abs(Math.sin(delta0)) > tolerance) return undefined;
  } else {
    const ratio = Math.sin(delta0) / length;
    if (Math.abs(ratio) > 1 + tolerance) return undefined;
    const middle = Math.atan2(sinTheta0, x);
    const spread = Math.acos(Math.max(-1, Math.min(1, ratio)));
    const valid = [middle + spread, middle - spread]
      .map((angle) => Math.atan2(Math.sin(angle), Math.cos(angle)))
      .filter((angle) => Math.abs(angle) <= Math.PI / 2 + tolerance)
      .sort((a, b) => Math.abs(a - latPole) - Math.abs(b - latPole));
    if (valid[0] === undefined) return undefined;
    deltaP = valid[0];
  }
  deltaP = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, deltaP));
  return [poleLongitude(alpha0, delta0, phiPFromPhi0, theta0, deltaP), deltaP];
}

/** Eq. 9-10 with the special cases of the text below them. */
function poleLongitude(
  alpha0: number,
  delta0: number,
  phiPFromPhi0: number,
  theta0: number,
  deltaP: number,
): number {
  const tolerance = 1e-10;
  if (Math.abs(Math.cos(delta0)) < tolerance) return alpha0;
  if (Math.abs(Math.cos(deltaP)) < tolerance)
    return deltaP > 0 ? alpha0 + phiPFromPhi0 - Math.PI : alpha0 - phiPFromPhi0;
  const sine = (Math.sin(phiPFromPhi0) * Math.cos(theta0)) / Math.cos(delta0);
  const cosine =
    (Math.sin(theta0) - Math.sin(deltaP) * Math.sin(delta0)) / (Math.cos(deltaP) * Math.cos(delta0));
  return alpha0 - Math.atan2(sine, cosine);
}
