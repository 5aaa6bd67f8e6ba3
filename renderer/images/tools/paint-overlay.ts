import type { RegionGeometry } from '../../../core/api/contract/index.ts';
import type { ContourLevel, GridLine, Point } from '../../viewer/index.ts';
import { hasArea } from './contain-point.ts';
import { outlineAgain, outlineRegion } from './outline-region.ts';
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
  const faint = { colour: colours.dim, width: 1, opacity: 0.55 };
  for (const line of scene.grid) for (const points of line.lines) pen.gather(points, faint);
  scene.contours.forEach((level, i) => {
    const opacity = 0.55 + (0.45 * (i + 1)) / scene.contours.length;
    const stroke = { colour: colours.ok, width: 1, opacity };
    for (const points of level.lines) pen.gather(points, stroke);
  });
  pen.flush();
  const strokes = new Map<string, Stroke>();
  for (const region of scene.regions) gatherRegion(pen, region, scene, colours, strokes);
  pen.flush();
  for (const region of scene.regions) paintSigns(pen, region, scene, colours);
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

/** What a region says of how it is drawn. */
interface Look {
  readonly width: number;
  readonly isDashed: boolean;
  readonly colour: string | undefined;
  readonly text: string | undefined;
  readonly key: string;
}

const looks = new WeakMap<Region, Look>();

/** Read a region's properties once: it is drawn in every frame. */
function lookOf(region: Region): Look {
  let look = looks.get(region);
  if (look === undefined) {
    const width = Math.min(8, Math.max(1, Number(propertyOfRegion(region, 'width')) || 1));
    const isBackground = region.dress.properties?.some(({ key }) => key === 'background') === true;
    const isDashed = propertyOfRegion(region, 'dash') === '1' || isBackground;
    const colour = propertyOfRegion(region, 'color')?.toLowerCase();
    look = {
      width,
      isDashed,
      colour,
      text: propertyOfRegion(region, 'text'),
      key: `${width} ${isDashed} ${colour}`,
    };
    looks.set(region, look);
  }
  return look;
}

/** How a region is drawn: as its file says, the chosen one in the accent. */
function strokeOf({ width, isDashed, colour }: Look, isSelected: boolean, colours: OverlayColours): Stroke {
  return {
    colour: isSelected ? colours.accent : colourOf(colour, colours),
    width: width + (isSelected ? 0.5 : 0),
    dash: isDashed ? [6, 4] : [],
    hasHalo: true,
  };
}

function gatherRegion(
  pen: Pen,
  region: Region,
  scene: OverlayScene,
  colours: OverlayColours,
  strokes: Map<string, Stroke>,
): void {
  const look = lookOf(region);
  const isSelected = region.id === scene.selectedId;
  const key = isSelected ? 'selected' : look.key;
  let stroke = strokes.get(key);
  if (stroke === undefined) {
    stroke = strokeOf(look, isSelected, colours);
    strokes.set(key, stroke);
  }
  const geometry = scene.draft?.id === region.id ? scene.draft.geometry : region.geometry;
  for (const line of outlineAgain(geometry, pen.view.camera.zoom)) pen.gather(line, stroke);
}

/** What is not an outline: words, signs, handles. */
function paintSigns(pen: Pen, region: Region, scene: OverlayScene, colours: OverlayColours): void {
  const isSelected = region.id === scene.selectedId;
  const geometry = scene.draft?.id === region.id ? scene.draft.geometry : region.geometry;
  const look = lookOf(region);
  const { kind } = geometry;
  const hasInner = kind === 'point' || kind === 'ruler' || kind === 'compass' || kind === 'text';
  if (!isSelected && !hasInner && !region.dress.isExcluded && look.text === undefined) return;
  const stroke = strokeOf(look, isSelected, colours);
  paintInner(pen, geometry, stroke, scene, region);
  if (region.dress.isExcluded && hasArea(geometry)) paintSlash(pen, geometry, colours.error);
  const { text } = look;
  if (text !== undefined && kind !== 'text') pen.text(text, topOf(pen, geometry), stroke.colour, 'above');
  if (geometry.kind === 'text') pen.text(text ?? '', pen.place(geometry.centre), stroke.colour);
  if (isSelected) for (const { at } of handlesOf(geometry)) paintHandle(pen, at, colours.accent);
}

function paintShape(pen: Pen, geometry: RegionGeometry, stroke: Stroke, scene: OverlayScene): void {
  for (const line of outlineRegion(geometry)) pen.line(line, { hasHalo: true, ...stroke });
  paintInner(pen, geometry, stroke, scene);
}

/** What belongs to a shape beside its outline. */
function paintInner(
  pen: Pen,
  geometry: RegionGeometry,
  stroke: Stroke,
  scene: OverlayScene,
  region?: Region,
): void {
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
function colourOf(named: string | undefined, colours: OverlayColours): string {
  if (colours.onlyRed) return colours.plain;
  if (named === undefined || named === 'green') return colours.ok;
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
