export type { Arena } from './arena.ts';
export { kernelMemoryBytes, releaseKernelMemory, withArena } from './arena.ts';
export { centreWindow } from './centre-window.ts';
export { addSignal, subtractRows } from './combine-rows.ts';
export {
  addProductSpectra,
  multiplyConjugate,
  multiplyReal,
  multiplySpectra,
  powerSpectrum,
  scaleAdd,
} from './combine-spectra.ts';
export { laplacianPositive } from './compute-laplacian.ts';
export { convolve, convolveSeparable } from './convolve-plane.ts';
export { countBits } from './count-bits.ts';
export { cutKernel } from './cut-kernel.ts';
export type { Scaling } from './decode-pixels.ts';
export {
  decodeBigEndianFloat32,
  decodeBigEndianFloat64,
  decodeBigEndianInt16,
  decodeBigEndianInt32,
  decodeBigEndianUint8,
} from './decode-pixels.ts';
export type { RiceCoding, RiceFault, RiceTile } from './decode-rice.ts';
export { decodeRiceFloat32, decodeRiceInt32 } from './decode-rice.ts';
export { fillMargins } from './fill-margins.ts';
export type { Neighbourhood } from './fill-pixels.ts';
export { fillPixels, Lack } from './fill-pixels.ts';
export type { MeshSpline } from './fill-splines.ts';
export { fillSplines, readSplines } from './fill-splines.ts';
export { medianFilter, separableMedianFilter } from './filter-median.ts';
export type { Outstanding, OutstandingOptions } from './find-outstanding.ts';
export { findOutstanding } from './find-outstanding.ts';
export type { ClippedFits, WeighedValues } from './fit-clipped.ts';
export { fitClipped } from './fit-clipped.ts';
export type {
  ProfileFit,
  ProfileFitOptions,
  ProfileImage,
  ProfileTables,
} from './fit-profiles.ts';
export { fitProfiles } from './fit-profiles.ts';
export type { JudgedPlanes, QuietPixels } from './gather-quiet.ts';
export { gatherQuiet } from './gather-quiet.ts';
export { type LanczosWeights, lanczosWeights } from './lanczos-weights.ts';
export type { LatentPlane } from './latent-plane.ts';
export { takeRows } from './latent-plane.ts';
export { listFillings } from './list-fillings.ts';
export { listMarked } from './list-marked.ts';
export { listRuns } from './list-runs.ts';
export type { AboveOptions, AboveThreshold } from './mark-above.ts';
export { listUnusable, markAbove } from './mark-above.ts';
export type { Grain, MeshOptions, MeshStatistics } from './measure-meshes.ts';
export { measureMeshes } from './measure-meshes.ts';
export { goodFftSize } from './plan-transform.ts';
export type { MaskPlane, Plane } from './plane.ts';
export {
  dropIdlePlanes,
  giveBackPlanes,
  giveBackPlanesOf,
  lendMaskPlane,
  lendPlane,
  makeMaskPlane,
  makePlane,
  makeStamp,
} from './plane.ts';
export {
  addIdleMemory,
  countBytesMade,
  hasMade,
  spoilIdleMemory,
  takeBytesMade,
  takeIdleMemory,
  takeSizesAsked,
} from './plane-memory.ts';
export type { EllipseProfile, ProfilePress } from './press-profiles.ts';
export { makePress } from './press-profiles.ts';
export type {
  ResampleInput,
  ResampleMesh,
  ResampleOptions,
  ResampleRepair,
  RowRange,
} from './resample-plane.ts';
export { RESAMPLED_ROWS, resampleLanczos3, resampleRows } from './resample-plane.ts';
export type { RowSource } from './row-source.ts';
export { readPixels } from './row-source.ts';
export { scaleByPolynomial } from './scale-by-polynomial.ts';
export type { CountRange, CountScaling } from './scale-counts.ts';
export { scaleCounts } from './scale-counts.ts';
export type { FilteredImages, NoiseTerms, QuietLimits, ScoredPlanes } from './score-tile.ts';
export { scoreTile, writeQuietPulls } from './score-tile.ts';
export type { Scratch } from './scratch.ts';
export { keepScratch, withScratch } from './scratch.ts';
export type { CosmicRaySearch } from './search-cosmic-rays.ts';
export { searchCosmicRays } from './search-cosmic-rays.ts';
export { selectMedians } from './select-medians.ts';
export type { ClipOptions, ClippedStatistics, Core } from './select-quantile.ts';
export {
  madStandardDeviation,
  measureCore,
  selectMedian,
  selectQuantile,
  sigmaClippedStatistics,
} from './select-quantile.ts';
export { shiftStamp } from './shift-stamp.ts';
export { sortFloats } from './sort-floats.ts';
export type { Spectrum } from './spectrum.ts';
export { makeSpectrum } from './spectrum.ts';
export type { PlanePair, SubtractedPlanes, SubtractionKernels } from './subtract-planes.ts';
export { spreadVariances, subtractPlanes } from './subtract-planes.ts';
export type { BoxSums, SumBoxesOptions } from './sum-boxes.ts';
export { sumBoxes } from './sum-boxes.ts';
export { EQUATION_DOUBLES, sumEquations } from './sum-equations.ts';
export type { LagSums } from './sum-lags.ts';
export { sumLaggedProducts } from './sum-lags.ts';
export type { LineSums, SumLinesOptions } from './sum-lines.ts';
export { sumLines } from './sum-lines.ts';
export { irfft2, rfft2, rfft2OfStamp } from './transform-plane.ts';
