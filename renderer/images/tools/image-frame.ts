import { fromIcrs, type RegionFrame, type SkyLattice, toIcrs } from '../../../core/api/contract/index.ts';
import {
  formatPlace,
  type GridSky,
  makePixelFinder,
  type Point,
  type SkyPlace,
  skyAt,
} from '../../viewer/index.ts';
import type { Notation } from './tools-view.ts';

/** What an image knows of where it lies. */
export interface ImageFrame extends RegionFrame {
  readonly pixelScaleArcsec: number | undefined;
}

/** LTM and LTV of a file's header, as the core tells them: physical = (image - offset) / scale. */
export interface PhysicalFacts {
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

const frames = new WeakMap<SkyLattice, ImageFrame>();

/** Join what is known of an image's coordinates; the same sky gives the same finder of pixels. */
export function frameOfImage(sky: SkyLattice | undefined, physical?: PhysicalFacts): ImageFrame {
  const place: Pick<RegionFrame, 'physical'> =
    physical === undefined
      ? {}
      : {
          physical: {
            ltm: [physical.scale[0]!, 0, 0, physical.scale[1]!],
            ltv: [physical.offset[0]!, physical.offset[1]!],
          },
        };
  if (sky === undefined) return { ...place, pixelScaleArcsec: undefined };
  let frame = frames.get(sky);
  if (frame === undefined) {
    frame = {
      sky: { toPixel: makePixelFinder(sky), toSky: (x, y) => skyAt(sky, x, y) },
      pixelScaleArcsec: sky.pixelScaleArcsec,
    };
    frames.set(sky, frame);
  }
  return physical === undefined ? frame : { ...frame, ...place };
}

/** The pixel of the original file under a place, counted from one; `undefined` when the file is the original. */
export function physicalOf({ physical }: RegionFrame, { x, y }: Point): Point | undefined {
  if (physical === undefined) return undefined;
  const [a, , , d] = physical.ltm;
  return { x: (x + 1 - physical.ltv[0]) / a, y: (y + 1 - physical.ltv[1]) / d };
}

/** Coordinates for a grid, in the frame in which places are written. */
export function gridSkyOf(frame: RegionFrame, notation: Notation): GridSky | undefined {
  const { sky } = frame;
  if (sky === undefined) return undefined;
  const system = notation === 'galactic' ? 'galactic' : 'icrs';
  return {
    isEquatorial: notation === 'sexagesimal',
    toCoordinates: (x, y) => {
      const place = sky.toSky(x, y);
      return place && fromIcrs(system, place.raDeg, place.decDeg);
    },
    toPixel: (lonDeg, latDeg) => {
      const place = toSkyPlace(system, lonDeg, latDeg);
      return sky.toPixel(place.raDeg, place.decDeg);
    },
  };
}

/** Write a place of the sky with the digits that its pixels deserve. */
export function formatSky({ raDeg, decDeg }: SkyPlace, pixelScaleArcsec: number, notation: Notation): string {
  if (notation === 'sexagesimal') return formatPlace(raDeg, decDeg, pixelScaleArcsec);
  const decimals = Math.min(8, Math.max(4, Math.ceil(-Math.log10(pixelScaleArcsec / 36_000))));
  if (notation === 'degrees') return `${raDeg.toFixed(decimals)} ${signed(decDeg, decimals)}`;
  const { lonDeg, latDeg } = fromIcrs('galactic', raDeg, decDeg);
  return `l ${lonDeg.toFixed(decimals)} b ${signed(latDeg, decimals)}`;
}

function signed(value: number, decimals: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(decimals)}`;
}

/** What lies between two places of an image. */
export interface Separation {
  readonly px: number;
  /** Degrees from +x towards +y. */
  readonly angleDeg: number;
  readonly arcsec: number | undefined;
  /** From north through east, 0..360. */
  readonly positionAngleDeg: number | undefined;
}

/** Measure the distance between two places, on the image and on the sky. */
export function measureSeparation(frame: RegionFrame, from: Point, to: Point): Separation {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const [a, b] = [frame.sky?.toSky(from.x, from.y), frame.sky?.toSky(to.x, to.y)];
  return {
    px: Math.hypot(dx, dy),
    angleDeg: ((Math.atan2(dy, dx) * 180) / Math.PI + 360) % 360,
    arcsec: a && b && separate(a, b).arcsec,
    positionAngleDeg: a && b && separate(a, b).positionAngleDeg,
  };
}

/** Angle between two places and the direction from one to the other. @see Vincenty's formula for the sphere */
export function separate(
  from: SkyPlace,
  to: SkyPlace,
): { readonly arcsec: number; readonly positionAngleDeg: number } {
  const degree = Math.PI / 180;
  const [d1, d2, da] = [from.decDeg * degree, to.decDeg * degree, (to.raDeg - from.raDeg) * degree];
  const east = Math.cos(d2) * Math.sin(da);
  const north = Math.cos(d1) * Math.sin(d2) - Math.sin(d1) * Math.cos(d2) * Math.cos(da);
  const along = Math.sin(d1) * Math.sin(d2) + Math.cos(d1) * Math.cos(d2) * Math.cos(da);
  return {
    arcsec: (Math.atan2(Math.hypot(east, north), along) / degree) * 3600,
    positionAngleDeg: (Math.atan2(east, north) / degree + 360) % 360,
  };
}

/** Write an angle in the unit that suits it: `12.35″`, `3.21′`, `1.234°`. */
export function formatAngle(arcsec: number): string {
  if (arcsec < 120) return `${arcsec.toFixed(arcsec < 10 ? 3 : 2)}″`;
  return arcsec < 7200 ? `${(arcsec / 60).toFixed(3)}′` : `${(arcsec / 3600).toFixed(4)}°`;
}

/** Write a separation in one line. */
export function describeSeparation({ px, arcsec, positionAngleDeg, angleDeg }: Separation): string {
  const length = `${px.toFixed(2)} px`;
  if (arcsec === undefined || positionAngleDeg === undefined)
    return `${length}  ${angleDeg.toFixed(1)}° from +x`;
  return `${formatAngle(arcsec)}  ${length}  PA ${positionAngleDeg.toFixed(1)}°`;
}

function toSkyPlace(system: 'galactic' | 'icrs', lonDeg: number, latDeg: number): SkyPlace {
  if (system === 'icrs') return { raDeg: lonDeg, decDeg: latDeg };
  const { lonDeg: raDeg, latDeg: decDeg } = toIcrs('galactic', lonDeg, latDeg);
  return { raDeg, decDeg };
}
