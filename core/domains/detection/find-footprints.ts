import type { Plane } from '../../kernels/index.ts';

/** Connected pixels over threshold of either sign, grown; indices into the plane. */
export interface Footprint {
  /** Pixels over threshold, before growing. */
  readonly core: Int32Array;
  /** Length over width of the core, from its unweighted moments. */
  readonly elongation: number;
  /** Length of the core: sqrt(12 major variance), px. */
  readonly lengthPx: number;
}

/**
 * Group pixels with |score| >= threshold into footprints.
 *
 * Pixels are 8-connected; footprints whose grown outlines touch are one, whatever their signs, so that the
 * two lobes of a dipole meet.
 *
 * @param growPx radius of the growth, px.
 * @param above the pixels over threshold, ascending, where they are known.
 */
export function findFootprints(
  score: Plane,
  thresholdSigma: number,
  growPx: number,
  above: readonly number[] = listAbove(score, thresholdSigma, 0, score.height),
): readonly Footprint[] {
  const { width, height, data } = score;
  // Disc offsets; touching outlines of two grown footprints are two growths and one step apart.
  const grown = new Uint8Array(data.length);
  const disc: (readonly [number, number])[] = [];
  for (let dy = -growPx; dy <= growPx; dy++) {
    for (let dx = -growPx; dx <= growPx; dx++) {
      if (dx * dx + dy * dy <= growPx * growPx + 0.5) disc.push([dx, dy]);
    }
  }
  for (const i of above) {
    const x = i % width;
    const y = (i - x) / width;
    for (const [dx, dy] of disc) {
      const px = x + dx;
      const py = y + dy;
      if (px >= 0 && py >= 0 && px < width && py < height) grown[py * width + px] = 1;
    }
  }
  const footprints: Footprint[] = [];
  const stack: number[] = [];
  for (const start of above) {
    if (grown[start] !== 1) continue;
    const core: number[] = [];
    grown[start] = 2;
    stack.push(start);
    while (stack.length > 0) {
      const i = stack.pop()!;
      if (Math.abs(data[i]!) >= thresholdSigma) core.push(i);
      const x = i % width;
      const y = (i - x) / width;
      for (let py = Math.max(0, y - 1); py <= Math.min(height - 1, y + 1); py++) {
        for (let px = Math.max(0, x - 1); px <= Math.min(width - 1, x + 1); px++) {
          const j = py * width + px;
          if (grown[j] !== 1) continue;
          grown[j] = 2;
          stack.push(j);
        }
      }
    }
    footprints.push({ core: Int32Array.from(core).sort(), ...measureExtent(core, width) });
  }
  return footprints;
}

/** List the pixels with |score| >= threshold in the rows from `first` to `end`, ascending. */
export function listAbove(
  { width, data }: Plane,
  thresholdSigma: number,
  first: number,
  end: number,
): readonly number[] {
  const above: number[] = [];
  for (let i = first * width; i < end * width; i++) {
    if (Math.abs(data[i]!) >= thresholdSigma) above.push(i);
  }
  return above;
}

function measureExtent(pixels: readonly number[], width: number): { elongation: number; lengthPx: number } {
  let sx = 0;
  let sy = 0;
  for (const i of pixels) {
    sx += i % width;
    sy += Math.floor(i / width);
  }
  const mx = sx / pixels.length;
  const my = sy / pixels.length;
  // A pixel is a square with variance 1/12.
  let xx = pixels.length / 12;
  let yy = xx;
  let xy = 0;
  for (const i of pixels) {
    const dx = (i % width) - mx;
    const dy = Math.floor(i / width) - my;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  const mean = (xx + yy) / 2;
  const spread = Math.hypot((xx - yy) / 2, xy);
  const major = (mean + spread) / pixels.length;
  const minor = Math.max((mean - spread) / pixels.length, 1 / 12);
  return { elongation: Math.sqrt(major / minor), lengthPx: Math.sqrt(12 * major) };
}
