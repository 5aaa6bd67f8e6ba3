/** The field of seed-field.ts: large enough for several tiles, with more candidates than keys are pressed. */
export const FIELD = {
  width: 700,
  height: 500,
  /** Sky of the centre of the first pixel, degrees, and how far one pixel reaches. */
  raDeg: 150,
  decDeg: 2,
  scaleArcsec: 0.36,
  /** Distance of the sky's nodes, px. */
  step: 50,
  candidates: 230,
  /** Pixels without a value: left, bottom, side. */
  hole: { x: 600, y: 400, side: 50 },
} as const;

/** The value of one pixel: planes, so that the mean over any area is the value in its middle. */
export function pixelOf(kind: 'science' | 'template' | 'difference' | 'score', x: number, y: number): number {
  const { hole } = FIELD;
  const isHole = x >= hole.x && x < hole.x + hole.side && y >= hole.y && y < hole.y + hole.side;
  switch (kind) {
    case 'science':
      return isHole ? Number.NaN : 100 + x + 2 * y;
    case 'template':
      return 1000 - x;
    case 'difference':
      return x - 350;
    case 'score':
      return (y - 250) / 25;
  }
}
