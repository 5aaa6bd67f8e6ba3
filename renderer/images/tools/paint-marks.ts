import type { GridLine, Point, Size } from '../../viewer/index.ts';
import type { OverlayColours } from './paint-overlay.ts';
import type { Pen } from './pen.ts';

/** Directions of north and east on the image, unit vectors. */
export interface Compass {
  readonly north: readonly [number, number];
  readonly east: readonly [number, number];
}

/** A length of the sky in pixels of the image, and how it is written. */
export interface ScaleBar {
  readonly lengthPx: number;
  readonly label: string;
}

/** Labels where lines leave the pane: longitudes at the bottom, latitudes at the left, else wherever they do. */
export function paintGridLabels(
  pen: Pen,
  grid: readonly GridLine[],
  colours: Pick<OverlayColours, 'plain' | 'dim'>,
): void {
  const { viewport, ratio } = pen.view;
  const margin = 26 * ratio;
  const written: { readonly x: number; readonly y: number; readonly width: number }[] = [];
  // A label that would lie on another is left out: the line says enough beside its neighbours.
  const write = (label: string, at: Point, width: number): void => {
    const isCovered = written.some(
      (other) =>
        Math.abs(other.y - at.y) < 16 * ratio &&
        Math.abs(other.x - at.x) < (other.width + width) / 2 + 6 * ratio,
    );
    if (isCovered) return;
    written.push({ ...at, width });
    pen.text(label, at, colours.dim);
  };
  for (const { axis, label, lines } of grid) {
    const crossings = lines.flatMap((points) =>
      crossEdges(
        points.map((point) => pen.place(point)),
        viewport,
        margin,
      ),
    );
    const wanted = axis === 'lon' ? 'bottom' : 'left';
    const found: { readonly edge: Edge | 'none'; readonly at: Point } | undefined =
      crossings.find(({ edge }) => edge === wanted) ?? crossings[0] ?? endInView(lines, axis, pen);
    if (found === undefined) continue;
    if (found.edge === 'none') {
      write(label, found.at, label.length * 6.6 * ratio);
      continue;
    }
    const isAtSide = found.edge === 'left' || found.edge === 'right';
    const width = label.length * 6.6 * ratio;
    const x = isAtSide
      ? found.edge === 'left'
        ? 4 * ratio + width / 2
        : viewport.width - 4 * ratio - width / 2
      : found.at.x;
    const y =
      found.edge === 'bottom' ? viewport.height - 28 * ratio : found.edge === 'top' ? 30 * ratio : found.at.y;
    if (x > width / 2 && x < viewport.width - width / 2) write(label, { x, y }, width);
  }
}

/** A line that ends on the image: its lowest end for longitudes, its leftmost for latitudes. */
function endInView(
  lines: readonly (readonly Point[])[],
  axis: GridLine['axis'],
  pen: Pen,
): { readonly edge: 'none'; readonly at: Point } | undefined {
  const ends = lines.flatMap((points) => [points[0]!, points.at(-1)!]).map((point) => pen.place(point));
  const { width, height } = pen.view.viewport;
  const inView = ends.filter(({ x, y }) => x >= 0 && y >= 0 && x <= width && y <= height);
  const [first] = inView.sort((a, b) => (axis === 'lat' ? a.x - b.x : b.y - a.y));
  return first && { edge: 'none', at: first };
}

type Edge = 'left' | 'right' | 'top' | 'bottom';

/** Where a line crosses the edges of a pane, away from its corners. */
function crossEdges(
  points: readonly Point[],
  { width, height }: Size,
  margin: number,
): readonly { readonly edge: Edge; readonly at: Point }[] {
  const found: { edge: Edge; at: Point }[] = [];
  for (let i = 1; i < points.length; i++) {
    const [p, q] = [points[i - 1]!, points[i]!];
    for (const [edge, at] of [
      ['left', 0],
      ['right', width],
    ] as const) {
      if (p.x < at === q.x < at) continue;
      const y = p.y + ((at - p.x) / (q.x - p.x)) * (q.y - p.y);
      if (y > margin && y < height - margin) found.push({ edge, at: { x: at, y } });
    }
    for (const [edge, at] of [
      ['bottom', height],
      ['top', 0],
    ] as const) {
      if (p.y < at === q.y < at) continue;
      const x = p.x + ((at - p.y) / (q.y - p.y)) * (q.x - p.x);
      if (x > margin && x < width - margin) found.push({ edge, at: { x, y: at } });
    }
  }
  return found;
}

/** Draw north and east in the upper right corner. */
export function paintCompass(
  pen: Pen,
  compass: Compass,
  colours: Pick<OverlayColours, 'plain' | 'dim'>,
): void {
  const { camera, viewport, ratio } = pen.view;
  const centre = { x: viewport.width - 40 * ratio, y: 62 * ratio };
  const origin = pen.place({ x: camera.x, y: camera.y });
  for (const [name, [dx, dy]] of [
    ['N', compass.north],
    ['E', compass.east],
  ] as const) {
    const tip = pen.place({ x: camera.x + dx / camera.zoom, y: camera.y + dy / camera.zoom });
    const [ux, uy] = [tip.x - origin.x, tip.y - origin.y];
    const at = (reach: number): Point => ({
      x: centre.x + ux * reach * ratio,
      y: centre.y + uy * reach * ratio,
    });
    pen.stroke([centre, at(20)], { colour: colours.plain, width: 1.5, hasHalo: true });
    pen.text(name, at(29), colours.plain);
  }
}

/** Draw how long something is on the sky in the lower right corner. */
export function paintScaleBar(pen: Pen, bar: ScaleBar, colours: Pick<OverlayColours, 'plain' | 'dim'>): void {
  const { camera, viewport, ratio } = pen.view;
  const length = bar.lengthPx * camera.zoom;
  const [right, y] = [viewport.width - 14 * ratio, viewport.height - 12 * ratio];
  const ends = [right - length, right];
  pen.stroke(
    ends.map((x) => ({ x, y })),
    { colour: colours.plain, width: 1.5, hasHalo: true },
  );
  for (const x of ends)
    pen.stroke(
      [
        { x, y: y - 4 * ratio },
        { x, y: y + 4 * ratio },
      ],
      { colour: colours.plain, width: 1.5, hasHalo: true },
    );
  pen.text(bar.label, { x: right - length / 2, y: y - 3 * ratio }, colours.plain, 'above');
}
