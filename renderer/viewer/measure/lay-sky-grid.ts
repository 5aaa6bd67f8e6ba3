import { formatDec, formatRa } from '../format-sky.ts';
import type { Point } from '../model.ts';
import type { PixelBounds } from './pixel-box.ts';

/** One line of a coordinate grid. */
export interface GridLine {
  readonly axis: 'lon' | 'lat';
  readonly valueDeg: number;
  readonly label: string;
  /** Image coordinates; several where the line leaves the sky of the image. */
  readonly lines: readonly (readonly Point[])[];
}

/** How coordinates lie on an image, degrees in whatever frame; both `undefined` beyond the sky. */
export interface GridSky {
  /** Longitudes are written as hours. */
  readonly isEquatorial: boolean;
  toCoordinates(x: number, y: number): { readonly lonDeg: number; readonly latDeg: number } | undefined;
  toPixel(lonDeg: number, latDeg: number): Point | undefined;
}

const ARC = [1, 2, 5, 10, 15, 20, 30];

/** Steps of a longitude in hours, as seconds of time, and of angles in degrees, as seconds of arc. */
const FINE = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
const HOUR_STEPS = [...FINE, ...ARC, ...ARC.map((m) => m * 60), ...[1, 2, 3, 6].map((h) => h * 3600)];
const DEGREE_STEPS = [
  ...FINE,
  ...ARC,
  ...ARC.map((m) => m * 60),
  ...[1, 2, 5, 10, 15, 30].map((d) => d * 3600),
];

/** Points of one line: a curve of a wide field stays smooth. */
const POINTS = 48;

/**
 * Lay lines of equal longitude and latitude over a part of an image.
 *
 * @param bounds the part in view, as far as there is image: lines end at its edges.
 * @param wanted about how many lines of each kind.
 */
export function laySkyGrid(sky: GridSky, bounds: PixelBounds, wanted = 5): readonly GridLine[] {
  const extent = measureExtent(sky, bounds);
  if (extent === undefined) return [];
  const { lonFrom, lonTo, latFrom, latTo } = extent;
  const lonUnit = sky.isEquatorial ? 240 : 3600;
  const lonStep = stepOf((lonTo - lonFrom) * lonUnit, wanted, sky.isEquatorial ? HOUR_STEPS : DEGREE_STEPS);
  const latStep = stepOf((latTo - latFrom) * 3600, wanted, DEGREE_STEPS);
  const trace = (place: (t: number) => Point | undefined): readonly (readonly Point[])[] => {
    const lines: Point[][] = [[]];
    for (let i = 0; i <= POINTS; i++) {
      const point = place(i / POINTS);
      if (point !== undefined) lines.at(-1)!.push(point);
      else if (lines.at(-1)!.length > 0) lines.push([]);
    }
    return lines.flatMap((line) => clipLine(line, bounds));
  };
  const isAround = lonTo - lonFrom >= 360;
  const lons = multiples(lonFrom * lonUnit, isAround ? (lonTo - 1e-9) * lonUnit : lonTo * lonUnit, lonStep);
  const lats = multiples(latFrom * 3600, latTo * 3600, latStep).filter((lat) => Math.abs(lat) < 324_000);
  return [
    ...lons.map((lon): GridLine => {
      const valueDeg = (((lon / lonUnit) % 360) + 360) % 360;
      return {
        axis: 'lon',
        valueDeg,
        label: labelOf(valueDeg, lonStep, sky.isEquatorial),
        lines: trace((t) => sky.toPixel(valueDeg, latFrom + t * (latTo - latFrom))),
      };
    }),
    ...lats.map((lat): GridLine => {
      const valueDeg = lat / 3600;
      return {
        axis: 'lat',
        valueDeg,
        label: labelOf(valueDeg, latStep, false, true),
        lines: trace((t) => sky.toPixel(lonFrom + t * (lonTo - lonFrom), valueDeg)),
      };
    }),
  ];
}

/** Cut a line to a rectangle; it may enter and leave several times. */
function clipLine(
  points: readonly Point[],
  { left, bottom, right, top }: PixelBounds,
): readonly (readonly Point[])[] {
  const lines: Point[][] = [];
  for (let i = 1; i < points.length; i++) {
    const [from, to] = [points[i - 1]!, points[i]!];
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    // Liang and Barsky: the part of the segment inside all four edges.
    let [enter, leave] = [0, 1];
    for (const [direction, distance] of [
      [-dx, from.x - left],
      [dx, right - from.x],
      [-dy, from.y - bottom],
      [dy, top - from.y],
    ] as const) {
      if (direction === 0 && distance < 0) enter = 2;
      else if (direction < 0) enter = Math.max(enter, distance / direction);
      else if (direction > 0) leave = Math.min(leave, distance / direction);
    }
    if (enter >= leave) continue;
    const at = (t: number): Point => ({ x: from.x + t * dx, y: from.y + t * dy });
    if (enter === 0 && lines.length > 0 && lines.at(-1)!.at(-1) === from)
      lines.at(-1)!.push(leave === 1 ? to : at(leave));
    else lines.push([enter === 0 ? from : at(enter), leave === 1 ? to : at(leave)]);
  }
  return lines;
}

/** The range of coordinates in view, longitudes unwrapped about the middle, with a margin so that lines reach the edges. */
function measureExtent(sky: GridSky, bounds: PixelBounds) {
  const steps = 12;
  const places = Array.from({ length: (steps + 1) ** 2 }, (_, i) =>
    sky.toCoordinates(
      bounds.left + ((bounds.right - bounds.left) * (i % (steps + 1))) / steps,
      bounds.bottom + ((bounds.top - bounds.bottom) * Math.floor(i / (steps + 1))) / steps,
    ),
  ).filter((place) => place !== undefined);
  const middle = places[Math.floor(places.length / 2)];
  if (middle === undefined) return undefined;
  const turns = places.map(({ lonDeg }) => {
    const turn = lonDeg - middle.lonDeg;
    return turn - 360 * Math.round(turn / 360);
  });
  const lats = places.map(({ latDeg }) => latDeg);
  let [latFrom, latTo] = [Math.min(...lats), Math.max(...lats)];
  let [from, to] = [Math.min(...turns), Math.max(...turns)];
  const marginLat = (latTo - latFrom) / steps;
  const marginLon = (to - from) / steps;
  for (const pole of [-90, 90]) {
    const at = sky.toPixel(0, pole);
    if (at === undefined || at.x < bounds.left || at.x > bounds.right) continue;
    if (at.y < bounds.bottom || at.y > bounds.top) continue;
    [from, to] = [-180, 180];
    if (pole > 0) latTo = 90;
    else latFrom = -90;
  }
  latFrom = Math.max(-90, latFrom - marginLat);
  latTo = Math.min(90, latTo + marginLat);
  const isAround = to - from + 2 * marginLon >= 360;
  return {
    lonFrom: middle.lonDeg + (isAround ? -180 : from - marginLon),
    lonTo: middle.lonDeg + (isAround ? 180 : to + marginLon),
    latFrom,
    latTo,
  };
}

function stepOf(range: number, wanted: number, steps: readonly number[]): number {
  return steps.find((step) => range / step <= wanted + 1) ?? steps.at(-1)!;
}

function multiples(from: number, to: number, step: number): readonly number[] {
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, Math.min(200, last - first + 1)) }, (_, i) => (first + i) * step);
}

/** Write a coordinate with the parts that its step needs: `12:34`, `+41:16:09.5`. */
function labelOf(valueDeg: number, step: number, isHours: boolean, isSigned = false): string {
  const decimals = step < 1 ? Math.ceil(-Math.log10(step) - 1e-9) : 0;
  const text = isHours
    ? formatRa(valueDeg, decimals)
    : isSigned
      ? formatDec(valueDeg, decimals)
      : formatDec(valueDeg, decimals).slice(1);
  const parts = text.split(':');
  const shown = step >= 3600 ? 1 : step >= 60 ? 2 : 3;
  return parts.slice(0, shown).join(':') + (shown === 1 ? (isHours ? 'h' : '°') : '');
}
