// The kernels, one WebAssembly module. Nothing here allocates: the caller owns memory from `heapBase` up and passes
// addresses; every address of floats is 16-byte aligned unless a kernel says that it need not be.

/** First byte that the caller may use. */
export function heapBase(): usize {
  return __heap_base;
}

export {
  copyEach,
  putColumns,
  rowsFromBlocks,
  rowsToBlocks,
  storeColumns,
  takeColumns,
  transformColumns,
  transformStampColumns,
} from './fft-columns';
export { forwardRows, inverseRows } from './fft-rows';
export { fillMargins, packRows, padRows } from './bands';
export { addBoxes, addColumns } from './boxes';
export { clippedRoom, fitClipped } from './clipped';
export { cosmicScratchBytes, searchCosmicRays } from './cosmic';
export { balanceColumns, balanceRow, listCold } from './defects';
export { meshStatistics } from './mesh';
export { fillCubics, layCubics } from './splines';
export { fillPixels } from './fill';
export { addEquations } from './normal';
export { convolveBand } from './convolve';
export { sumLag } from './correlate';
export { laplacianBand } from './laplacian';
export { addHalves, findPeaks, layColumns } from './lines';
export { hasNaN, medianBand3, medianBandNetwork, medianLineBand, repairMedians } from './median';
export { decodeFloat32, decodeFloat64, decodeInt16, decodeInt32, decodeUint8, swapFloat32 } from './decode';
export { fitProfiles } from './profile';
export { fillMasked, growBits } from './repair';
export { resampleTile } from './resample';
export { appendQuiet } from './quiet';
export { decodeRice, decodeRicePair, scaleInt32 } from './rice';
export {
  addProducts,
  addScaled,
  mixSpectra,
  multiplyComplex,
  multiplyComplexConjugate,
  multiplyReal,
  squareModulus,
  subtractSpectra,
} from './spectrum';
export { divideByNoise, quietPulls } from './score';
export { drawProfile, moveStamp } from './stamp';
export { clipSigma } from './clip';
export { medianGroups } from './median-groups';
export { countNumbers, meanWithin, nextRank, selectBetween, selectRank } from './statistics';
export { countBits, joinRows, listEither, listFillings, listRuns, listUnusable, markAbove } from './threshold';
export { centreWindow, windowWorkBytes } from './window';
export { addSignal, scaleCounts, scaleRow, subtractEach } from './calibrate';
