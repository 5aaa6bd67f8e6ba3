import type { Plane } from '../../kernels/index.ts';
import type { StruckPixel } from './judge-struck-star.ts';

/** Findings this close in place and, as a factor, in their part of the star's light are alike, px. */
const CLOSE_PX = 1;
const CLOSE_FACTOR = 2;
/** Stars are odd if findings are alike this many times as often as with one of two turned, or this part is in cores. */
const MOST_ALIKE = 1.5;
const MOST_IN_CORES = 0.5;
/** By this many standard deviations of the counts, so that a few pairs tell nothing. */
const SURE_SIGMA = 3;
/** Findings that are compared in pairs: evenly picked, so many tell. */
const MOST_COMPARED = 1000;

interface Finding {
  readonly dx: number;
  readonly dy: number;
  readonly share: number;
}

/**
 * Tell whether what was found on stars is the stars' own: at one place of theirs, with one part of their light.
 *
 * Rays strike stars anywhere. Where stars are doubled, or have a tail, findings lie at one offset from their tops, so
 * that two are alike far more often than when one of them is turned by a right angle; where cores are not understood,
 * they lie in cores.
 */
export function areStarsOdd(science: Plane, struck: readonly StruckPixel[], fwhmPx: number): boolean {
  const { width, height, data } = science;
  const lights = new Map(struck.map(({ at, lightE }) => [at, lightE]));
  const lightAt = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= width || y >= height
      ? Number.NEGATIVE_INFINITY
      : (lights.get(y * width + x) ?? data[y * width + x]!);
  const excessAt = (at: number): number => data[at]! - (lights.get(at) ?? data[at]!);
  const findings: Finding[] = [];
  for (const { at } of struck) {
    const x = at % width;
    const y = Math.floor(at / width);
    const around = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => at + dy * width + dx));
    // Of two alike, the first.
    const isLess = (near: number) =>
      lights.has(near) && (excessAt(near) > excessAt(at) || (near < at && excessAt(near) === excessAt(at)));
    if (around.some(isLess)) continue;
    let [px, py] = [x, y];
    for (let steps = Math.ceil(2 * fwhmPx); steps > 0; steps--) {
      let [bx, by] = [px, py];
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++)
          if (lightAt(px + dx, py + dy) > lightAt(bx, by)) [bx, by] = [px + dx, py + dy];
      if (bx === px && by === py) break;
      [px, py] = [bx, by];
    }
    findings.push({ dx: x - px, dy: y - py, share: excessAt(at) / Math.max(1, lightAt(px, py)) });
  }
  const stride = Math.ceil(findings.length / MOST_COMPARED);
  const compared = findings.filter((_, k) => k % stride === 0);
  const alike = (turn: (finding: Finding) => readonly [number, number]): number => {
    let count = 0;
    for (const [i, a] of compared.entries()) {
      for (let k = i + 1; k < compared.length; k++) {
        const b = compared[k]!;
        const [dx, dy] = turn(b);
        if (Math.max(Math.abs(a.dx - dx), Math.abs(a.dy - dy)) > CLOSE_PX) continue;
        if (Math.max(a.share / b.share, b.share / a.share) < CLOSE_FACTOR) count++;
      }
    }
    return count;
  };
  const same = alike(({ dx, dy }) => [dx, dy]);
  const turned =
    (alike(({ dx, dy }) => [-dy, dx]) +
      alike(({ dx, dy }) => [-dx, -dy]) +
      alike(({ dx, dy }) => [dy, -dx])) /
    3;
  const isRepeated = same > MOST_ALIKE * turned && same - turned > SURE_SIGMA * Math.sqrt(turned + 1);
  const core = Math.min(1, fwhmPx / 3);
  const inCores = findings.filter(({ dx, dy }) => Math.max(Math.abs(dx), Math.abs(dy)) <= core).length;
  return isRepeated || inCores > MOST_IN_CORES * findings.length;
}
