import { placeSystem } from './measure-frame.ts';
import type {
  ImagePoint,
  RegionFrame,
  RegionGeometry,
  RegionNumber,
  RegionProperty,
  RegionShape,
} from './model.ts';

/** What is written beside the geometry. */
export interface ShapeDress {
  readonly isExcluded?: boolean | undefined;
  readonly properties?: readonly RegionProperty[] | undefined;
  readonly join?: RegionShape['join'];
}

/** How coordinates of the sky are written: `12:34:56.78,-1:02:03.4`, or degrees. */
export type SkyNotation = 'sexagesimal' | 'degrees';

/**
 * Write a shape of the image in a coordinate system: the inverse of `placeShape`.
 *
 * On the sky positions are written as asked and sizes in seconds of arc.
 *
 * @returns `undefined` when the image does not know the system or the shape lies beyond its sky.
 */
export function makeShape(
  geometry: RegionGeometry,
  system: string,
  frame: RegionFrame,
  dress: ShapeDress = {},
  notation: SkyNotation = 'degrees',
): RegionShape | undefined {
  const placed = placeSystem(system, frame);
  const first = firstPlaceOf(geometry);
  const local = first && placed?.localAt(first);
  if (placed === undefined || local === undefined) return undefined;
  const numbers: RegionNumber[] = [];
  let isLost = false;
  const push = (value: number, unit: RegionNumber['unit'] = 'none'): void =>
    void numbers.push({ value, unit });
  const point = (at: ImagePoint): void => {
    const position = placed.fromImage(at);
    if (position === undefined) {
      isLost = true;
    } else if (placed.isSky && notation === 'sexagesimal') {
      push(placed.isEquatorial ? position[0] / 15 : position[0], 'colons');
      push(position[1], 'colons');
    } else for (const value of position) push(value);
  };
  const size = (px: number): void =>
    placed.isSky ? push(round((px / local.pxPerUnit) * 3600), '"') : push(round(px / local.pxPerUnit));
  const angle = (deg: number): void => push(wrapAngle(local.fromImageAngle(deg)));
  spell(geometry, { point, size, angle, count: push, isMirrored: local.isMirrored });
  if (isLost) return undefined;
  return {
    name: geometry.kind,
    system,
    isExcluded: dress.isExcluded ?? false,
    parameters: numbers,
    properties: dress.properties ?? [],
    ...(dress.join === undefined ? {} : { join: dress.join }),
  };
}

/** The place whose scale and directions a shape has. */
export function firstPlaceOf(geometry: RegionGeometry): ImagePoint | undefined {
  switch (geometry.kind) {
    case 'polygon':
    case 'segment':
      return geometry.points[0];
    case 'line':
    case 'ruler':
    case 'projection':
    case 'vector':
      return geometry.from;
    default:
      return geometry.centre;
  }
}

interface Pen {
  readonly isMirrored: boolean;
  point(at: ImagePoint): void;
  size(px: number): void;
  angle(deg: number): void;
  count(value: number): void;
}

function spell(geometry: RegionGeometry, pen: Pen): void {
  switch (geometry.kind) {
    case 'circle':
    case 'compass':
      pen.point(geometry.centre);
      pen.size(geometry.radius);
      break;
    case 'ellipse':
    case 'box':
      pen.point(geometry.centre);
      for (const { a, b } of geometry.axes) {
        pen.size(a);
        pen.size(b);
      }
      pen.angle(geometry.angleDeg);
      break;
    case 'annulus':
      pen.point(geometry.centre);
      for (const radius of geometry.radii) pen.size(radius);
      break;
    case 'panda':
    case 'epanda':
    case 'bpanda':
      spellPanda(geometry, pen);
      break;
    case 'polygon':
    case 'segment':
      for (const at of geometry.points) pen.point(at);
      break;
    case 'point':
    case 'text':
      pen.point(geometry.centre);
      break;
    case 'line':
    case 'ruler':
      pen.point(geometry.from);
      pen.point(geometry.to);
      break;
    case 'projection':
      pen.point(geometry.from);
      pen.point(geometry.to);
      pen.size(geometry.width);
      break;
    case 'vector':
      pen.point(geometry.from);
      pen.size(geometry.length);
      pen.angle(geometry.angleDeg);
      break;
  }
}

function spellPanda(
  geometry: Extract<RegionGeometry, { kind: 'panda' | 'epanda' | 'bpanda' }>,
  pen: Pen,
): void {
  pen.point(geometry.centre);
  pen.angle(pen.isMirrored ? geometry.stopDeg : geometry.startDeg);
  pen.angle(pen.isMirrored ? geometry.startDeg : geometry.stopDeg);
  pen.count(geometry.wedges);
  for (const { a, b } of [geometry.inner, geometry.outer]) {
    pen.size(a);
    if (geometry.kind !== 'panda') pen.size(b);
  }
  pen.count(geometry.rings);
  if (geometry.kind !== 'panda') pen.angle(geometry.angleDeg);
}

/** A size without the noise of the scale, which is measured over one pixel: a millionth is left. */
function round(size: number): number {
  return Number(size.toFixed(6));
}

/** Bring an angle into 0..360, degrees, without the noise of a rotation there and back. */
export function wrapAngle(deg: number): number {
  const rounded = Number((((deg % 360) + 360) % 360).toFixed(8));
  return rounded === 360 ? 0 : rounded;
}
