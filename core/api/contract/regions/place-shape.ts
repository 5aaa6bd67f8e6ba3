import { wrapAngle } from './make-shape.ts';
import { type LocalFrame, type PlacedSystem, placeSystem } from './measure-frame.ts';
import type {
  ImagePoint,
  RegionAxes,
  RegionFrame,
  RegionGeometry,
  RegionNumber,
  RegionShape,
} from './model.ts';
import { rolesOf } from './shapes.ts';

const DEGREE = Math.PI / 180;

/** Numbers of a shape as pixels of the image, in the order they were written. */
interface Placed {
  readonly points: readonly ImagePoint[];
  readonly sizes: readonly number[];
  readonly angles: readonly number[];
  readonly counts: readonly number[];
  readonly isMirrored: boolean;
}

/**
 * Find where a shape lies on an image.
 *
 * Sizes and angles of the sky are taken at the shape's first place, where the image is locally flat.
 *
 * @returns `undefined` when the image does not know the shape's system, or the shape lies beyond its sky, or is
 *   one that has no outline of its own (a composite).
 */
export function placeShape(shape: RegionShape, frame: RegionFrame): RegionGeometry | undefined {
  const placed = placeNumbers(shape, frame);
  return placed && shapeOf(shape, placed);
}

function placeNumbers(shape: RegionShape, frame: RegionFrame): Placed | undefined {
  const roles = rolesOf(shape.name, shape.parameters.length);
  const named = placeSystem(shape.system, frame);
  if (roles === undefined) return undefined;
  const points: ImagePoint[] = [];
  const sizes: number[] = [];
  const angles: number[] = [];
  const counts: number[] = [];
  let local: LocalFrame | undefined;
  for (let i = 0; i < roles.length; i++) {
    const number = shape.parameters[i]!;
    switch (roles[i]!) {
      case 'lon': {
        const point = placePoint(number, shape.parameters[i + 1]!, named, frame);
        if (point === undefined) return undefined;
        points.push(point);
        local ??= named?.localAt(point);
        break;
      }
      case 'size': {
        const size = placeSize(number, named, local, points[0]!, frame);
        if (size === undefined) return undefined;
        sizes.push(size);
        break;
      }
      case 'angle': {
        if (local === undefined) return undefined;
        const angle = number.unit === 'r' ? number.value / DEGREE : number.value;
        angles.push(wrapAngle(local.toImageAngle(angle)));
        break;
      }
      case 'count':
        counts.push(number.value);
        break;
      case 'lat':
        break;
    }
  }
  return { points, sizes, angles, counts, isMirrored: local?.isMirrored ?? false };
}

/** A position: its own unit goes before the system that was named. */
function placePoint(
  lon: RegionNumber,
  lat: RegionNumber,
  named: PlacedSystem | undefined,
  frame: RegionFrame,
): ImagePoint | undefined {
  if (lon.unit === 'i') return placeSystem('image', frame)?.toImage(lon.value, lat.value);
  if (lon.unit === 'p') return placeSystem('physical', frame)?.toImage(lon.value, lat.value);
  const isAngle = lon.unit !== 'none';
  const system = isAngle && named?.isSky !== true ? placeSystem('fk5', frame) : named;
  if (system === undefined) return undefined;
  const isHours = lon.unit === 'hms' || (lon.unit === 'colons' && system.isEquatorial);
  return system.toImage(inDegrees(lon) * (isHours ? 15 : 1), inDegrees(lat));
}

function inDegrees({ value, unit }: RegionNumber): number {
  switch (unit) {
    case 'r':
      return value / DEGREE;
    case '"':
      return value / 3600;
    case "'":
      return value / 60;
    default:
      return value;
  }
}

function placeSize(
  size: RegionNumber,
  named: PlacedSystem | undefined,
  local: LocalFrame | undefined,
  at: ImagePoint,
  frame: RegionFrame,
): number | undefined {
  const inSystem = (system: PlacedSystem | undefined): number | undefined => system?.localAt(at)?.pxPerUnit;
  switch (size.unit) {
    case 'i':
      return size.value;
    case 'p': {
      const scale = inSystem(placeSystem('physical', frame));
      return scale === undefined ? undefined : size.value * scale;
    }
    case 'none':
      return local && size.value * local.pxPerUnit;
    default: {
      const scale = named?.isSky ? local?.pxPerUnit : inSystem(placeSystem('fk5', frame));
      return scale === undefined ? undefined : inDegrees(size) * scale;
    }
  }
}

function shapeOf(shape: RegionShape, placed: Placed): RegionGeometry | undefined {
  const { points, sizes, angles, counts, isMirrored } = placed;
  const centre = points[0]!;
  const angleDeg = angles[0] ?? 0;
  switch (shape.name) {
    case 'circle':
      return { kind: 'circle', centre, radius: sizes[0]! };
    case 'ellipse':
    case 'box':
      return { kind: shape.name, centre, axes: fillSteps(pairsOf(sizes), shape.count), angleDeg };
    case 'annulus': {
      const radii = fillSteps(
        sizes.map((a) => ({ a, b: a })),
        shape.count,
      );
      return { kind: 'annulus', centre, radii: radii.map(({ a }) => a) };
    }
    case 'panda':
    case 'epanda':
    case 'bpanda': {
      const axes = shape.name === 'panda' ? sizes.map((a) => ({ a, b: a })) : pairsOf(sizes);
      return {
        kind: shape.name,
        centre,
        inner: axes[0]!,
        outer: axes[1]!,
        // Wedges run from start to stop as angles grow.
        startDeg: angles[isMirrored ? 1 : 0]!,
        stopDeg: angles[isMirrored ? 0 : 1]!,
        wedges: counts[0]!,
        rings: counts[1]!,
        angleDeg: angles[2] ?? 0,
      };
    }
    case 'polygon':
    case 'segment':
      return { kind: shape.name, points };
    case 'point':
      return { kind: 'point', centre };
    case 'text':
      return { kind: 'text', centre, angleDeg: angleOfText(shape, angleDeg) };
    case 'compass':
      return { kind: 'compass', centre, radius: sizes[0]! };
    case 'line':
    case 'ruler':
      return { kind: shape.name, from: centre, to: points[1]! };
    case 'projection':
      return { kind: 'projection', from: centre, to: points[1]!, width: sizes[0] ?? 0 };
    case 'vector':
      return { kind: 'vector', from: centre, length: sizes[0]!, angleDeg };
    default:
      return undefined;
  }
}

function angleOfText(shape: RegionShape, angleDeg: number): number {
  const written = shape.properties.findLast(({ key }) => key === 'textangle')?.value;
  return written === undefined ? angleDeg : Number(written) || 0;
}

function pairsOf(sizes: readonly number[]): readonly RegionAxes[] {
  return Array.from({ length: Math.floor(sizes.length / 2) }, (_, i) => ({
    a: sizes[2 * i]!,
    b: sizes[2 * i + 1]!,
  }));
}

/** With `n=4` two sizes stand for five, in equal steps. */
function fillSteps(axes: readonly RegionAxes[], count: number | undefined): readonly RegionAxes[] {
  const [inner, outer] = axes;
  if (count === undefined || count < 1 || axes.length !== 2 || inner === undefined || outer === undefined)
    return axes;
  return Array.from({ length: count + 1 }, (_, i) => ({
    a: inner.a + ((outer.a - inner.a) * i) / count,
    b: inner.b + ((outer.b - inner.b) * i) / count,
  }));
}
