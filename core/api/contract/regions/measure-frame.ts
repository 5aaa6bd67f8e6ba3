import { frameOf, fromIcrs, toIcrs } from './convert-frame.ts';
import type { ImagePoint, RegionFrame } from './model.ts';

/** How a coordinate system lies on the image around a place. */
export interface LocalFrame {
  /** Image pixels for one unit of the system: a pixel, or a degree. */
  readonly pxPerUnit: number;
  /** Angles that grow in the system fall on the image. */
  readonly isMirrored: boolean;
  /** Angle of a direction in the system to the image's and back, degrees. */
  toImageAngle(angleDeg: number): number;
  fromImageAngle(angleDeg: number): number;
}

/** A coordinate system as shapes use it. */
export interface PlacedSystem {
  readonly isSky: boolean;
  /** Longitudes written with colons are hours. */
  readonly isEquatorial: boolean;
  toImage(lon: number, lat: number): ImagePoint | undefined;
  fromImage(point: ImagePoint): readonly [number, number] | undefined;
  localAt(point: ImagePoint): LocalFrame | undefined;
}

const DEGREE = Math.PI / 180;
const UNIT = { ltm: [1, 0, 0, 1], ltv: [0, 0] } as const;

/** Find how a system lies on an image; `undefined` when the image does not know it. */
export function placeSystem(system: string, frame: RegionFrame): PlacedSystem | undefined {
  if (system === 'image') return IMAGE;
  if (system === 'physical') return placePhysical(frame);
  const celestial = frameOf(system);
  const { sky } = frame;
  if (celestial === undefined || sky === undefined) return undefined;
  const fromImage = ({ x, y }: ImagePoint): readonly [number, number] | undefined => {
    const place = sky.toSky(x, y);
    if (place === undefined) return undefined;
    const { lonDeg, latDeg } = fromIcrs(celestial, place.raDeg, place.decDeg);
    return [lonDeg, latDeg];
  };
  return {
    isSky: true,
    isEquatorial: celestial !== 'galactic' && celestial !== 'ecliptic',
    toImage: (lon, lat) => {
      if (Math.abs(lat) > 90) return undefined;
      const { lonDeg, latDeg } = toIcrs(celestial, lon, lat);
      return sky.toPixel(lonDeg, latDeg);
    },
    fromImage,
    localAt: (point) => measureSky(point, fromImage),
  };
}

const IMAGE: PlacedSystem = {
  isSky: false,
  isEquatorial: false,
  toImage: (x, y) => ({ x: x - 1, y: y - 1 }),
  fromImage: ({ x, y }) => [x + 1, y + 1],
  localAt: () => ({
    pxPerUnit: 1,
    isMirrored: false,
    toImageAngle: (angle) => angle,
    fromImageAngle: (angle) => angle,
  }),
};

function placePhysical(frame: RegionFrame): PlacedSystem | undefined {
  const { ltm, ltv } = frame.physical ?? UNIT;
  const [a, b, c, d] = ltm;
  const determinant = a * d - b * c;
  if (!(Math.abs(determinant) > 0)) return undefined;
  return {
    isSky: false,
    isEquatorial: false,
    toImage: (x, y) => ({ x: a * x + b * y + ltv[0] - 1, y: c * x + d * y + ltv[1] - 1 }),
    fromImage: ({ x, y }) => {
      const [u, v] = [x + 1 - ltv[0], y + 1 - ltv[1]];
      return [(d * u - b * v) / determinant, (a * v - c * u) / determinant];
    },
    localAt: () => {
      const turned = (m: readonly [number, number, number, number], angle: number): number => {
        const [cos, sin] = [Math.cos(angle * DEGREE), Math.sin(angle * DEGREE)];
        return Math.atan2(m[2] * cos + m[3] * sin, m[0] * cos + m[1] * sin) / DEGREE;
      };
      return {
        pxPerUnit: Math.sqrt(Math.abs(determinant)),
        isMirrored: determinant < 0,
        toImageAngle: (angle) => turned([a, b, c, d], angle),
        fromImageAngle: (angle) =>
          turned([d / determinant, -b / determinant, -c / determinant, a / determinant], angle),
      };
    },
  };
}

/**
 * Measure scale and directions of a sky system at a pixel.
 *
 * An angle of the sky counts from west towards north, as in DS9: on an image with north up and east left it is
 * the image's own.
 */
function measureSky(
  { x, y }: ImagePoint,
  fromImage: (point: ImagePoint) => readonly [number, number] | undefined,
): LocalFrame | undefined {
  const reach = 0.5;
  const here = fromImage({ x, y });
  const ends = [
    fromImage({ x: x - reach, y }),
    fromImage({ x: x + reach, y }),
    fromImage({ x, y: y - reach }),
    fromImage({ x, y: y + reach }),
  ];
  if (here === undefined || ends.some((end) => end === undefined)) return undefined;
  const [left, right, below, above] = ends as (readonly [number, number])[];
  const cosLat = Math.cos(here[1] * DEGREE);
  const west = (from: readonly [number, number], to: readonly [number, number]): number =>
    -(to[0] - from[0] - 360 * Math.round((to[0] - from[0]) / 360)) * cosLat;
  // Degrees (west, north) for one pixel along x and along y.
  const [a, b] = [west(left!, right!), west(below!, above!)];
  const [c, d] = [right![1] - left![1], above![1] - below![1]];
  const determinant = a * d - b * c;
  if (!(Math.abs(determinant) > 0)) return undefined;
  return {
    pxPerUnit: 1 / Math.sqrt(Math.abs(determinant)),
    isMirrored: determinant < 0,
    toImageAngle: (angle) => {
      const [w, n] = [Math.cos(angle * DEGREE), Math.sin(angle * DEGREE)];
      return Math.atan2((a * n - c * w) / determinant, (d * w - b * n) / determinant) / DEGREE;
    },
    fromImageAngle: (angle) => {
      const [u, v] = [Math.cos(angle * DEGREE), Math.sin(angle * DEGREE)];
      return Math.atan2(c * u + d * v, a * u + b * v) / DEGREE;
    },
  };
}
