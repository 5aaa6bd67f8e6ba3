import type { Point } from '../../viewer/index.ts';
import type { Pen } from './pen.ts';

/** Side of a sign that names no size, CSS pixels: DS9's. */
const USUAL_SIZE = 11;

type Path = readonly (readonly [number, number])[];

const SQUARE: Path = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
  [-1, -1],
];
const DIAMOND: Path = [
  [0, -1],
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];
const ROUND: Path = Array.from({ length: 25 }, (_, i) => [
  Math.cos((i * Math.PI) / 12),
  Math.sin((i * Math.PI) / 12),
]);
const PLUS: readonly Path[] = [
  [
    [-1, 0],
    [1, 0],
  ],
  [
    [0, -1],
    [0, 1],
  ],
];
const CROSS: readonly Path[] = [
  [
    [-1, -1],
    [1, 1],
  ],
  [
    [-1, 1],
    [1, -1],
  ],
];
const ARROW: readonly Path[] = [
  [
    [1, -1],
    [0, 0],
  ],
  [
    [0, -0.6],
    [0, 0],
    [0.6, 0],
  ],
];

const SIGNS: Readonly<Record<string, readonly Path[]>> = {
  circle: [ROUND],
  box: [SQUARE],
  diamond: [DIAMOND],
  cross: PLUS,
  x: CROSS,
  arrow: ARROW,
  boxcircle: [SQUARE, ROUND],
};

/**
 * Draw the sign of a point; its size does not change with the zoom.
 *
 * @param written as a region file says it: `circle`, `cross 20`.
 */
export function paintPoint(pen: Pen, at: Point, written: string, colour: string): void {
  const [name = '', size] = written.trim().split(/\s+/);
  const { x, y } = pen.place(at);
  const half = ((Number(size) || USUAL_SIZE) / 2) * pen.view.ratio;
  for (const path of SIGNS[name.toLowerCase()] ?? SIGNS.boxcircle!)
    pen.stroke(
      path.map(([u, v]) => ({ x: x + u * half, y: y + v * half })),
      { colour, width: 1.5, hasHalo: true },
    );
}
