import { create } from 'zustand';
import type { Candidate } from '../../../core/api/contract/index.ts';
import type { Vector } from '../../images/vector-overlay.tsx';
import type { Marker } from '../../viewer/index.ts';

/** Which detections are listed and marked. */
export const SHOWN = ['all', 'candidates', 'vetoed'] as const;
export type Shown = (typeof SHOWN)[number];

/** What the person does in the review, beside what they do to the images. */
export const useReviewView = create<{
  readonly shown: Shown;
  readonly hasResiduals: boolean;
  readonly hasStars: boolean;
}>(() => ({ shown: 'all', hasResiduals: false, hasStars: false }));

/** Detections as they are listed: candidates by rank, then what was vetoed by significance. */
export function listDetections(
  candidates: readonly Candidate[],
  vetoed: readonly Candidate[],
  shown: Shown,
): readonly Candidate[] {
  switch (shown) {
    case 'all':
      return [...candidates, ...vetoed];
    case 'candidates':
      return candidates;
    case 'vetoed':
      return vetoed;
  }
}

/** Mark candidates by rings with the sign of their verdict and vetoed detections by diamonds, the chosen one on top. */
export function markDetections(
  detections: readonly Candidate[],
  makeMarkers: (candidates: readonly Candidate[], selectedId: string | undefined) => readonly Marker[],
  selectedId: string | undefined,
): readonly Marker[] {
  const vetoed = new Set(detections.filter(({ vetoes }) => vetoes.length > 0).map(({ id }) => id));
  return makeMarkers(detections, selectedId).map((marker) =>
    vetoed.has(marker.id) ? { ...marker, shape: 'diamond', tone: 'warn' } : marker,
  );
}

/** The two lobes of each detection that looks like a dipole: an arrow from the negative to the positive one. */
export function findDipoles(detections: readonly Candidate[]): readonly Vector[] {
  return detections.flatMap(({ xPx, yPx, features }) => {
    const { isDipole, dipoleSeparationPx: length, dipoleAngleRad: angle } = features;
    if (isDipole !== 1 || length === undefined || angle === undefined) return [];
    const dx = length * Math.cos(angle);
    const dy = length * Math.sin(angle);
    return [{ x: xPx - dx / 2, y: yPx - dy / 2, dx, dy }];
  });
}

/** How much longer than true residuals are drawn: the typical one is as long as a fiftieth of the image. */
export function magnifyResiduals(
  residuals: readonly { readonly dxPx: number; readonly dyPx: number }[],
  imageWidth: number,
): number {
  const lengths = residuals.map(({ dxPx, dyPx }) => Math.hypot(dxPx, dyPx)).sort((a, b) => a - b);
  const typical = lengths[lengths.length >> 1] ?? 0;
  if (typical === 0) return 1;
  const wanted = imageWidth / 50 / typical;
  // Whole steps of 1, 2, 5, 10 ...: a scale that can be said.
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * (wanted / power >= 5 ? 5 : wanted / power >= 2 ? 2 : 1);
}

/** Stars in bins of one sigma from -8 to 8; what lies beyond is in the outermost. */
export function binScores(scores: readonly number[]): readonly number[] {
  const bins = Array<number>(2 * REACH).fill(0);
  for (const score of scores) {
    const at = Math.min(2 * REACH - 1, Math.max(0, Math.floor(score) + REACH));
    bins[at] = bins[at]! + 1;
  }
  return bins;
}

/** Half the range of `binScores`, sigma. */
export const REACH = 8;
