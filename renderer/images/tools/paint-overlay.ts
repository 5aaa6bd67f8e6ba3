import type { RegionGeometry } from '../../../core/api/contract/index.ts';
import type { ContourLevel, GridLine, Point } from '../../viewer/index.ts';
import { hasArea } from './contain-point.ts';
import { outlineRegion } from './outline-region.ts';
import { type Compass, paintCompass, paintGridLabels, paintScaleBar, type ScaleBar } from './paint-marks.ts';
import { paintPoint } from './paint-point.ts';
import { HALO, type OverlayView, Pen, type Stroke } from './pen.ts';
import { propertyOfRegion, type Region } from './region-document.ts';
import { handlesOf } from './shape-region.ts';

/** Everything that is drawn over an image. */
export interface OverlayScene {
  readonly regions: readonly Region[];
  readonly selectedId: string | undefined;
  /** A shape under the hand; it stands for the region of its id. */
  readonly draft: { readonly id: string | undefined; readonly geometry: RegionGeometry } | undefined;
  readonly grid: readonly GridLine[];
  readonly contours: readonly ContourLevel[];
  /** Lines with what is written beside them. */
  readonly spans: readonly { readonly from: Point; readonly to: Point; readonly label: string }[];
  /** Circles about a place. */
  readonly rings: { readonly centre: Point; readonly radii: readonly number[] } | undefined;
  /** Names of regions that say something of the sky. */
  labelOf(geometry: RegionGeometry): string | undefined;
  readonly compass: Compass | undefined;
  /** What stands in the corners. */
  readonly marks: { readonly compass?: Compass | undefined; readonly bar?: ScaleBar | undefined };
}

/** Colours of an overlay, as the theme has them. */
export interface OverlayColours {
  readonly plain: string;
  readonly dim: string;
  readonly accent: string;
  readonly ok: string;
  readonly warn: string;
  readonly error: string;
  /** The night: colours of regions become its own. */
  readonly onlyRed: boolean;
}

/** Draw everything that lies over an image. */
export function paintOverlay(
  context: CanvasRenderingContext2D,
  view: OverlayView,
  scene: OverlayScene,
  colours: OverlayColours,
): void {
  const pen = new Pen(context, view);
  for (const line of scene.grid) {
    for (const points of line.lines) pen.line(points, { colour: colours.dim, width: 1, opacity: 0.55 });
  }
  scene.contours.forEach((level, i) => {
    const opacity = 0.55 + (0.45 * (i + 1)) / scene.contours.length;
    for (const points of level.lines) pen.line(points, { colour: colours.ok, width: 1, opacity });
  });
  for (const region of scene.regions) paintRegion(pen, region, scene, colours);
  if (scene.draft !== undefined && scene.draft.id === undefined)
    paintShape(pen, scene.draft.geometry, { colour: colours.accent, width: 1.5 }, scene);
  if (scene.rings !== undefined)
    scene.rings.radii.forEach((radius, i) => {
      const ring = outlineRegion({ kind: 'circle', centre: scene.rings!.centre, radius })[0]!;
      pen.line(ring, { colour: colours.accent, width: 1.5, dash: i === 0 ? [] : [4, 3], hasHalo: true });
    });
  for (const { from, to, label } of scene.spans) {
    pen.line([from, to], { colour: colours.accent, width: 1.5, hasHalo: true });
    for (const end of [from, to]) pen.tick(from, to, end, colours.accent);
    pen.text(label, pen.place({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }), colours.plain, 'right-of');
  }
  paintGridLabels(pen, scene.grid, colours);
  if (scene.marks.compass !== undefined) paintCompass(pen, scene.marks.compass, colours);
  if (scene.marks.bar !== undefined) paintScaleBar(pen, scene.marks.bar, colours);
}

function paintRegion(pen: Pen, region: Region, scene: OverlayScene, colours: OverlayColours): void {
  const isSelected = region.id === scene.selectedId;
  const geometry = scene.draft?.id === region.id ? scene.draft.geometry : region.geometry;
  const width =
    Math.min(8, Math.max(1, Number(propertyOfRegion(region, 'width')) || 1)) + (isSelected ? 0.5 : 0);
  const isBackground = region.dress.properties?.some(({ key }) => key === 'background') === true;
  const isDashed = propertyOfRegion(region, 'dash') === '1' || isBackground;
  const colour = isSelected ? colours.accent : colourOf(region, colours);
  paintShape(pen, geometry, { colour, width, dash: isDashed ? [6, 4] : [] }, scene, region);
  if (region.dress.isExcluded && hasArea(geometry)) paintSlash(pen, geometry, colours.error);
  const text = propertyOfRegion(region, 'text');
  if (text !== undefined && geometry.kind !== 'text') pen.text(text, topOf(pen, geometry), colour, 'above');
  if (geometry.kind === 'text') pen.text(text ?? '', pen.place(geometry.centre), colour);
  if (isSelected) for (const { at } of handlesOf(geometry)) paintHandle(pen, at, colours.accent);
}

function paintShape(
  pen: Pen,
  geometry: RegionGeometry,
  stroke: Stroke,
  scene: OverlayScene,
  region?: Region,
): void {
  for (const line of outlineRegion(geometry)) pen.line(line, { hasHalo: true, ...stroke });
  if (geometry.kind === 'point')
    paintPoint(
      pen,
      geometry.centre,
      (region && propertyOfRegion(region, 'point')) ?? 'boxcircle',
      stroke.colour,
    );
  const label = scene.labelOf(geometry);
  if (label !== undefined && geometry.kind === 'ruler') {
    const { from, to } = geometry;
    pen.text(label, pen.place({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }), stroke.colour, 'right-of');
  }
  if (geometry.kind === 'compass' && scene.compass !== undefined)
    for (const [name, [dx, dy]] of [
      ['N', scene.compass.north],
      ['E', scene.compass.east],
    ] as const) {
      const { x, y } = geometry.centre;
      const tip = { x: x + dx * geometry.radius, y: y + dy * geometry.radius };
      pen.line([geometry.centre, tip], { hasHalo: true, ...stroke });
      const beyond = { x: x + dx * geometry.radius * 1.2, y: y + dy * geometry.radius * 1.2 };
      pen.text(name, pen.place(beyond), stroke.colour);
    }
}

/** The colour a region names; in the night the night's own. */
function colourOf(region: Region, colours: OverlayColours): string {
  const named = propertyOfRegion(region, 'color')?.toLowerCase();
  if (colours.onlyRed || named === undefined || named === 'green')
    return colours.onlyRed ? colours.plain : colours.ok;
  return /^(#[0-9a-f]{3,8}|[a-z]+)$/.test(named) ? named : colours.ok;
}

function paintSlash(pen: Pen, geometry: RegionGeometry, colour: string): void {
  const points = outlineRegion(geometry)
    .flat()
    .map((point) => pen.place(point));
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const inset = 0.146;
  pen.stroke(
    [
      { x: left + inset * (right - left), y: bottom - inset * (bottom - top) },
      { x: right - inset * (right - left), y: top + inset * (bottom - top) },
    ],
    { colour, width: 1.5 },
  );
}

function topOf(pen: Pen, geometry: RegionGeometry): Point {
  const points = geometry.kind === 'point' ? [geometry.centre] : outlineRegion(geometry).flat();
  const placed = points.map((point) => pen.place(point));
  const xs = placed.map(({ x }) => x);
  const top = Math.min(...placed.map(({ y }) => y));
  return {
    x: (Math.min(...xs) + Math.max(...xs)) / 2,
    y: geometry.kind === 'point' ? top - 8 * pen.view.ratio : top,
  };
}

function paintHandle(pen: Pen, at: Point, colour: string): void {
  const { x, y } = pen.place(at);
  const side = 6 * pen.view.ratio;
  pen.context.fillStyle = HALO;
  pen.context.fillRect(x - side / 2 - 1, y - side / 2 - 1, side + 2, side + 2);
  pen.context.fillStyle = colour;
  pen.context.fillRect(x - side / 2, y - side / 2, side, side);
}
