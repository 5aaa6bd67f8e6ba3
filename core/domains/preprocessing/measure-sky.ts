import type { Grain, MaskPlane, Plane } from '../../kernels/index.ts';
import { subtractRows, withScratch } from '../../kernels/index.ts';
import { MaskBit } from '../observations/index.ts';
import type { PreprocessingConfig } from './config.ts';
import { findIsophotes } from './find-isophotes.ts';
import { markAround } from './grow-mask.ts';
import { claimPixels, makeMeasurable } from './measurable.ts';
import { levelRows, measureSkyMesh, rmsRows, type SkyMesh } from './measure-background.ts';
import type { ExtractedSource } from './measure-source.ts';
import { describeIsophote } from './measure-source.ts';

/** A first look: the sky with the sources still in it, and the sources found above it. */
export interface FirstSky {
  readonly mesh: SkyMesh;
  /** The image above that sky. */
  readonly science: Plane;
  /** Neither deblended nor cleaned. */
  readonly sources: readonly ExtractedSource[];
}

/** The sky without the sources. */
export interface Sky {
  readonly mesh: SkyMesh;
  /** Its rms is what the detection threshold is a multiple of, e-; in a crowd it holds the confusion of faint stars. */
  readonly detectionMesh: SkyMesh;
  /** The exposure's mask with the sources, grown, as DETECTED. */
  readonly sourceMask: MaskPlane;
  /** Fraction of the image that those sources cover, 0..1. */
  readonly cover: number;
}

/** Beyond this cover the scatter of the sky is that of faint stars, not of the detector. */
export const CROWDED_COVER = 0.25;
/** Wings below the threshold reach a few pixels beyond the footprint. */
const SOURCE_GROWTH_PX = 3;
/** Least mesh, px, and least number of meshes along the shorter side. */
const MIN_MESH_PX = 16;
const MIN_MESHES = 3;

/**
 * Measure the sky as it is and find what stands above it.
 *
 * @param science the image above that sky is written to it.
 * @param grain of the image's values, if they have any.
 */
export function measureFirstSky(
  image: Plane,
  mask: MaskPlane,
  config: PreprocessingConfig,
  science: Plane,
  grain?: Grain,
): FirstSky {
  const shorter = Math.min(image.width, image.height);
  const meshPx = Math.max(MIN_MESH_PX, Math.min(config.background.meshPx, Math.floor(shorter / MIN_MESHES)));
  const mesh = measureSkyMesh(image, mask, { ...config.background, meshPx }, grain);
  subtractRows(image, levelRows(mesh, image), science);
  const variance = mesh.medianRms ** 2;
  const sources = withScratch((scratch) => {
    const owners = scratch.zeroInts(science.data.length);
    const source = makeMeasurable(science, variance, mask, config.extraction.excludedBits, owners);
    const rms = rmsRows(mesh, image);
    const isophotes = findIsophotes(source, rms, { ...config.extraction, deblendLevels: 1, cleanBeta: 0 });
    isophotes.forEach((isophote, i) => {
      claimPixels(source, isophote.pixels, i + 1);
    });
    return isophotes.map((isophote, i) => describeIsophote(isophote, i + 1, source, mask));
  });
  return { mesh, science, sources };
}

/**
 * Measure the sky again without the sources.
 *
 * The mesh is enlarged where a source is larger than it, so that a galaxy is not taken for sky.
 *
 * @param sourceMask written in full.
 * @param grain of the image's values, if they have any.
 */
export function measureSky(
  image: Plane,
  mask: MaskPlane,
  first: FirstSky,
  config: PreprocessingConfig,
  sourceMask: MaskPlane,
  grain?: Grain,
): Sky {
  sourceMask.data.set(mask.data);
  let largest = 0;
  let covered = 0;
  for (const { isophote } of first.sources) {
    // A trail is long and narrow: nothing that could be taken for sky. With the stars that it touches its ellipse is
    // wide, but hardly filled.
    const filled = isophote.pixels.length / (4 * Math.PI * isophote.a);
    largest = Math.max(largest, Math.min(isophote.a, 3 * Math.min(isophote.b, filled)));
    covered += markAround(sourceMask, MaskBit.DETECTED, isophote.pixels, SOURCE_GROWTH_PX);
  }
  const cover = covered / mask.data.length;
  const isCrowded = cover >= CROWDED_COVER;
  const shorter = Math.min(image.width, image.height);
  // Four rms along the long axis hold a source; in a crowd footprints merge and their size means nothing.
  const wanted = isCrowded ? 0 : 4 * largest;
  const meshPx = Math.max(first.mesh.meshPx, Math.min(wanted, Math.floor(shorter / MIN_MESHES)));
  const excludedBits = config.background.excludedBits | MaskBit.DETECTED;
  const mesh = measureSkyMesh(image, sourceMask, { ...config.background, meshPx, excludedBits }, grain);
  // In a crowd a lower threshold only merges more stars into one footprint.
  return { mesh, detectionMesh: isCrowded ? first.mesh : mesh, sourceMask, cover };
}
