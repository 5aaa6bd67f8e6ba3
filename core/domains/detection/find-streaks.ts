import type { Plane } from '../../kernels/index.ts';
import type { Peak } from './find-peaks.ts';

/** A straight track across the image: y cos - x sin = offset. */
export interface Streak {
  readonly cos: number;
  readonly sin: number;
  readonly offset: number;
  /** Median score along it, sigma: a track is bright where nothing was detected, too. */
  readonly medianScore: number;
}

const MIN_PEAKS = 5;
const MAX_PEAKS = 400;
const MIN_LENGTH_PX = 100;

/**
 * Find straight tracks (satellites, aeroplanes) that broke into a row of peaks.
 *
 * A line through two peaks is a track if at least five positive peaks lie on it and the score along it is
 * raised also between them, which no chance alignment of sources has.
 */
export function findStreaks(score: Plane, peaks: readonly Peak[], fwhmPx: number): readonly Streak[] {
  let rest = peaks.filter((peak) => peak.score > 0).slice(0, MAX_PEAKS);
  const streaks: Streak[] = [];
  for (;;) {
    const streak = findLongest(score, rest, fwhmPx);
    if (!streak) return streaks;
    streaks.push(streak);
    rest = rest.filter((peak) => distanceToStreak(streak, peak.xPx, peak.yPx) > 2 * fwhmPx);
  }
}

/** Distance of a pixel from a track, px. */
export function distanceToStreak(streak: Streak, xPx: number, yPx: number): number {
  return Math.abs(yPx * streak.cos - xPx * streak.sin - streak.offset);
}

function findLongest(score: Plane, peaks: readonly Peak[], fwhmPx: number): Streak | undefined {
  // Votes for (angle, offset): every pair of far peaks, kept by how many peaks its line holds.
  let best: { cos: number; sin: number; offset: number; members: readonly Peak[] } | undefined;
  const reach = 0.6 * fwhmPx;
  for (let i = 0; i < peaks.length; i++) {
    for (let j = i + 1; j < peaks.length; j++) {
      const dx = peaks[j]!.xPx - peaks[i]!.xPx;
      const dy = peaks[j]!.yPx - peaks[i]!.yPx;
      const length = Math.hypot(dx, dy);
      if (length < MIN_LENGTH_PX) continue;
      const line = { cos: dx / length, sin: dy / length, offset: 0 };
      line.offset = peaks[i]!.yPx * line.cos - peaks[i]!.xPx * line.sin;
      let count = 0;
      for (const peak of peaks) {
        if (Math.abs(peak.yPx * line.cos - peak.xPx * line.sin - line.offset) < reach) count++;
      }
      if (count < MIN_PEAKS || count <= (best?.members.length ?? 0)) continue;
      const members = peaks.filter(
        (peak) => Math.abs(peak.yPx * line.cos - peak.xPx * line.sin - line.offset) < reach,
      );
      best = { ...line, members };
    }
  }
  if (!best) return undefined;
  const medianScore = measureMedianScore(score, best, best.members);
  return medianScore > 1 ? { cos: best.cos, sin: best.sin, offset: best.offset, medianScore } : undefined;
}

/** Median score along a line between its outermost peaks, away from the peaks themselves where that is possible. */
function measureMedianScore(
  score: Plane,
  line: { readonly cos: number; readonly sin: number; readonly offset: number },
  members: readonly Peak[],
): number {
  const along = members.map((peak) => peak.xPx * line.cos + peak.yPx * line.sin).sort((a, b) => a - b);
  const all: number[] = [];
  const between: number[] = [];
  for (let t = along[0]!; t <= along[along.length - 1]!; t += 2) {
    const x = Math.round(t * line.cos - line.offset * line.sin);
    const y = Math.round(t * line.sin + line.offset * line.cos);
    if (x < 0 || y < 0 || x >= score.width || y >= score.height) continue;
    const value = score.data[y * score.width + x]!;
    if (!Number.isFinite(value) || value === 0) continue;
    all.push(value);
    if (along.every((other) => Math.abs(other - t) >= 6)) between.push(value);
  }
  // A bright track is peaks all along: then there is nothing between them.
  const values = between.length < 20 ? all : between;
  if (values.length < 20) return 0;
  values.sort((a, b) => a - b);
  return values[values.length >> 1]!;
}
