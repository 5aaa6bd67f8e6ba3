import { type Camera, type Point, type Size, turnOf } from '../../viewer/index.ts';

/** Where a pane looks, device pixels. */
export interface OverlayView {
  readonly camera: Camera;
  readonly viewport: Size;
  /** Device pixels of one CSS pixel. */
  readonly ratio: number;
}

/** Behind everything that is drawn, so that it is seen on any image. */
export const HALO = 'rgba(0, 0, 0, 0.6)';
const FONT = '"JetBrains Mono", ui-monospace, monospace';

/** How a line is drawn; sizes are CSS pixels. */
export interface Stroke {
  readonly colour: string;
  readonly width: number;
  readonly dash?: readonly number[];
  readonly opacity?: number;
  readonly hasHalo?: boolean;
}

/** Draws in image coordinates, with sizes in CSS pixels. */
export class Pen {
  readonly context: CanvasRenderingContext2D;
  readonly view: OverlayView;
  /** From image to screen: x' = a x + b y + e, y' = c x + d y + f. */
  readonly #matrix: readonly [number, number, number, number, number, number];
  readonly #gathered = new Map<Stroke, Path2D>();

  constructor(context: CanvasRenderingContext2D, view: OverlayView) {
    this.context = context;
    this.view = view;
    const { camera, viewport } = view;
    const [a, b, c, d] = turnOf(camera).map((part) => part * camera.zoom) as [number, number, number, number];
    this.#matrix = [
      a,
      b,
      -c,
      -d,
      viewport.width / 2 - a * camera.x - b * camera.y,
      viewport.height / 2 + c * camera.x + d * camera.y,
    ];
  }

  place({ x, y }: Point): Point {
    const [a, b, c, d, e, f] = this.#matrix;
    return { x: a * x + b * y + e, y: c * x + d * y + f };
  }

  /**
   * Lay a line aside to be drawn with all others of the same stroke: thousands of regions are a few strokes.
   *
   * @param stroke what is equal must be the same object to be drawn together.
   */
  gather(points: readonly Point[], stroke: Stroke): void {
    const [a, b, c, d, e, f] = this.#matrix;
    const { width, height } = this.view.viewport;
    const placed = new Float64Array(2 * points.length);
    let [left, right, above, below] = [true, true, true, true];
    for (let i = 0; i < points.length; i++) {
      const { x, y } = points[i]!;
      const [u, v] = [a * x + b * y + e, c * x + d * y + f];
      left &&= u < 0;
      right &&= u > width;
      above &&= v < 0;
      below &&= v > height;
      placed[2 * i] = u;
      placed[2 * i + 1] = v;
    }
    if (left || right || above || below) return;
    let path = this.#gathered.get(stroke);
    if (path === undefined) {
      path = new Path2D();
      this.#gathered.set(stroke, path);
    }
    path.moveTo(placed[0]!, placed[1]!);
    for (let i = 2; i < placed.length; i += 2) path.lineTo(placed[i]!, placed[i + 1]!);
  }

  /** Draw what was laid aside. */
  flush(): void {
    for (const [stroke, path] of this.#gathered) this.#strokePath(path, stroke);
    this.#gathered.clear();
  }

  line(points: readonly Point[], stroke: Stroke): void {
    this.stroke(
      points.map((point) => this.place(point)),
      stroke,
    );
  }

  /** Draw a line of screen places. */
  stroke(points: readonly Point[], stroke: Stroke): void {
    if (points.length < 2 || !this.isInView(points)) return;
    const path = new Path2D();
    for (const { x, y } of points) path.lineTo(x, y);
    this.#strokePath(path, stroke);
  }

  #strokePath(path: Path2D, { colour, width, dash = [], opacity = 1, hasHalo = false }: Stroke): void {
    const { context, view } = this;
    context.save();
    context.lineJoin = 'round';
    if (hasHalo) {
      context.strokeStyle = HALO;
      context.lineWidth = (width + 2) * view.ratio;
      context.stroke(path);
    }
    context.globalAlpha = opacity;
    context.strokeStyle = colour;
    context.lineWidth = width * view.ratio;
    context.setLineDash(dash.map((part) => part * view.ratio));
    context.stroke(path);
    context.restore();
  }

  /** Write at a screen place; `right-of` leaves room for what is there. */
  text(
    words: string,
    { x, y }: Point,
    colour: string,
    where: 'right-of' | 'above' | 'centre' | 'from' = 'centre',
  ): void {
    if (words === '') return;
    const { context, view } = this;
    const size = 11 * view.ratio;
    context.save();
    context.font = `${size}px ${FONT}`;
    const width = context.measureText(words).width;
    const left = where === 'right-of' ? x + 8 * view.ratio : where === 'from' ? x : x - width / 2;
    const middle = where === 'above' ? y - 9 * view.ratio : y;
    context.fillStyle = HALO;
    context.fillRect(left - 2 * view.ratio, middle - size * 0.65, width + 4 * view.ratio, size * 1.3);
    context.fillStyle = colour;
    context.textBaseline = 'middle';
    context.fillText(words, left, middle + 0.5 * view.ratio);
    context.restore();
  }

  /** A short stroke across a line at its end. */
  tick(from: Point, to: Point, end: Point, colour: string): void {
    const [a, b, at] = [this.place(from), this.place(to), this.place(end)];
    const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
    const [nx, ny] = [
      (-(b.y - a.y) / length) * 5 * this.view.ratio,
      ((b.x - a.x) / length) * 5 * this.view.ratio,
    ];
    this.stroke(
      [
        { x: at.x - nx, y: at.y - ny },
        { x: at.x + nx, y: at.y + ny },
      ],
      { colour, width: 1.5, hasHalo: true },
    );
  }

  /** Whether a line may be seen: what lies wholly to one side of the pane is not drawn. */
  isInView(points: readonly Point[]): boolean {
    const { width, height } = this.view.viewport;
    let [left, right, above, below] = [true, true, true, true];
    for (const { x, y } of points) {
      left &&= x < 0;
      right &&= x > width;
      above &&= y < 0;
      below &&= y > height;
    }
    return !(left || right || above || below);
  }
}
