import { averagePosition, type Detection, isReliable } from '../domains/detection/index.ts';
import type { DifferenceGrade } from '../domains/differencing/index.ts';
import {
  type ExposureFacts,
  type Header,
  type PixelPosition,
  readHeliocentricMjd,
  skyToPixel,
  type Wcs,
} from '../domains/observations/index.ts';
import { mapPixel, type Registration, unmapPixel } from '../domains/preprocessing/index.ts';
import type { EpochImages } from './describe-point.ts';
import type { CurvePosition } from './light-curve.ts';

/** What is kept of an epoch when its pixels are gone. */
export interface EpochFacts {
  readonly path: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly wcs?: Wcs | undefined;
  readonly band?: string | undefined;
  readonly midpointMjdTai?: number | undefined;
  readonly midpointMjdHeliocentric?: number | undefined;
  readonly fwhmPx: number;
  readonly registration: Registration;
  readonly grade: DifferenceGrade;
  readonly gradeReasons: readonly string[];
  /** Error of the flux ratio over the ratio. */
  readonly fluxRatioErr: number;
  readonly isTemplate: boolean;
}

/** Take what is to be known of an epoch later. */
export function describeEpoch(
  path: string,
  { science, template, difference }: EpochImages,
  templateName: string,
): EpochFacts {
  return {
    path,
    name: science.name,
    width: science.science.width,
    height: science.science.height,
    wcs: science.wcs,
    band: science.facts.band,
    ...timesOf(science),
    fwhmPx: science.fwhmPx,
    registration: template.registration,
    grade: difference.grade,
    gradeReasons: difference.gradeReasons,
    fluxRatioErr: difference.metrics.fluxRatioErr / difference.fluxRatio,
    isTemplate: science.name === templateName,
  };
}

function timesOf({ facts, header }: { readonly facts: ExposureFacts; readonly header: Header }) {
  if (facts.midpointMjdTai !== undefined) return { midpointMjdTai: facts.midpointMjdTai };
  return { midpointMjdHeliocentric: readHeliocentricMjd(header) };
}

/** Find a position on the template; `undefined` where its sky is not known. */
export function placeOnTemplate(
  position: CurvePosition,
  template: { readonly wcs?: Wcs | undefined },
): PixelPosition | undefined {
  if (position.kind === 'pixel') return { xPx: position.xPx, yPx: position.yPx };
  return template.wcs ? skyToPixel(template.wcs, position.raDeg, position.decDeg) : undefined;
}

/** Carry a position into an epoch: through the registration where the template knows it, else by the epoch's own sky. */
export function placeOnScience(
  position: CurvePosition,
  onTemplate: PixelPosition | undefined,
  { width, height, wcs, registration }: EpochFacts,
): PixelPosition | undefined {
  if (!onTemplate) {
    return position.kind === 'sky' && wcs ? skyToPixel(wcs, position.raDeg, position.decDeg) : undefined;
  }
  const middle = { xPx: (width - 1) / 2, yPx: (height - 1) / 2 };
  return unmapPixel(registration.map, onTemplate.xPx, onTemplate.yPx, middle);
}

/** A detection of one of the places, on the template's pixels. */
export type PlacedDetection = PixelPosition & { readonly snr: number };

/** Find the reliable detections near each place of an epoch, and put them on the template. */
export function findDetections(
  detections: readonly Detection[],
  places: readonly (PixelPosition | undefined)[],
  { registration, fwhmPx }: EpochFacts,
): readonly (PlacedDetection | undefined)[] {
  const reliable = detections.filter(isReliable);
  return places.map((place) => {
    if (!place) return undefined;
    const near = reliable
      .map((detection) => ({
        detection,
        distance: Math.hypot(detection.xPx - place.xPx, detection.yPx - place.yPx),
      }))
      .filter(({ distance }) => distance <= fwhmPx)
      .sort((a, b) => a.distance - b.distance)[0]?.detection;
    return near && { ...mapPixel(registration.map, near.xPx, near.yPx), snr: near.snr };
  });
}

/** Move places on the template to the mean of their detections, where there are any. */
export function recentrePlaces(
  places: readonly (PixelPosition | undefined)[],
  found: readonly (readonly PlacedDetection[])[],
): readonly (PixelPosition | undefined)[] {
  return places.map((place, k) => (place ? (averagePosition(found[k]!) ?? place) : undefined));
}
