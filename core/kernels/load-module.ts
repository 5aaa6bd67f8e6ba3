import { plainBase64, relaxedBase64 } from './generated/wasm.ts';

/** What the WebAssembly module offers; addresses and sizes are plain integers. See assembly/ for each. */
export interface KernelModule {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  rowsFromBlocks(
    blocks: number,
    height: number,
    firstRow: number,
    rows: number,
    columns: number,
    to: number,
  ): void;
  rowsToBlocks(
    from: number,
    columns: number,
    rows: number,
    blocks: number,
    height: number,
    firstRow: number,
  ): void;
  copyEach(from: number, fromPitch: number, to: number, toPitch: number, bytes: number, count: number): void;
  transformColumns(
    from: number,
    fromPitch: number,
    to: number,
    toPitch: number,
    columns: number,
    height: number,
    plan: number,
    work: number,
    inverse: number,
  ): void;
  takeColumns(
    from: number,
    pitch: number,
    to: number,
    columns: number,
    height: number,
    plan: number,
    work: number,
  ): void;
  putColumns(
    from: number,
    to: number,
    pitch: number,
    columns: number,
    height: number,
    plan: number,
    work: number,
  ): void;
  storeColumns(from: number, to: number, pitch: number, columns: number, height: number): void;
  transformStampColumns(
    stamp: number,
    rows: number,
    to: number,
    columns: number,
    height: number,
    plan: number,
    work: number,
    skipped: number,
    share: number,
    turns: number,
  ): void;
  forwardRows(
    from: number,
    rows: number,
    m: number,
    blocks: number,
    height: number,
    firstRow: number,
    plan: number,
    turns: number,
    work: number,
  ): void;
  inverseRows(
    blocks: number,
    height: number,
    firstRow: number,
    to: number,
    rows: number,
    m: number,
    plan: number,
    turns: number,
    work: number,
    scale: number,
  ): void;
  fillMargins(rows: number, row: number, width: number, first: number, end: number, columns: number): void;
  padRows(
    raw: number,
    rawFirst: number,
    width: number,
    height: number,
    firstRow: number,
    rows: number,
    left: number,
    right: number,
    zero: number,
    to: number,
    stride: number,
  ): void;
  packRows(from: number, pitch: number, rows: number, bytes: number, to: number): void;
  convolveBand(
    from: number,
    stride: number,
    to: number,
    pitch: number,
    width: number,
    rows: number,
    taps: number,
    kernelWidth: number,
    kernelHeight: number,
  ): void;
  divideByNoise(
    sn: number,
    sr: number,
    vs: number,
    d: number,
    vd: number,
    stride: number,
    width: number,
    height: number,
    constants: number,
    hasFluxes: number,
    score: number,
    shared: number,
    fluxErr: number,
    difference: number,
    variance: number,
  ): void;
  quietPulls(
    difference: number,
    variance: number,
    score: number,
    shared: number,
    mask: number,
    width: number,
    height: number,
    spoiled: number,
    mostShared: number,
    mostScore: number,
    mostPull: number,
    side: number,
    pulls: number,
  ): void;
  sumLag(values: number, width: number, height: number, dx: number, dy: number, to: number): void;
  laplacianBand(from: number, stride: number, to: number, pitch: number, width: number, rows: number): void;
  medianBand3(
    from: number,
    stride: number,
    to: number,
    pitch: number,
    width: number,
    rows: number,
    scratch: number,
  ): void;
  medianBandNetwork(
    from: number,
    stride: number,
    to: number,
    pitch: number,
    width: number,
    rows: number,
    size: number,
    program: number,
    steps: number,
    scratch: number,
    registerBytes: number,
    result: number,
  ): void;
  medianLineBand(
    from: number,
    stride: number,
    to: number,
    pitch: number,
    width: number,
    rows: number,
    size: number,
    step: number,
  ): void;
  hasNaN(from: number, stride: number, columns: number, rows: number): number;
  repairMedians(
    from: number,
    stride: number,
    to: number,
    pitch: number,
    width: number,
    rows: number,
    sizeX: number,
    sizeY: number,
    scratch: number,
  ): void;
  multiplyComplex(a: number, b: number, to: number, count: number): void;
  multiplyComplexConjugate(a: number, b: number, to: number, count: number): void;
  addProducts(a: number, x: number, b: number, y: number, factor: number, to: number, count: number): void;
  addScaled(a: number, alpha: number, b: number, beta: number, to: number, count: number): void;
  multiplyReal(a: number, factors: number, to: number, count: number): void;
  squareModulus(a: number, to: number, count: number): void;
  subtractSpectra(
    n: number,
    r: number,
    x: number,
    y: number,
    a: number,
    b: number,
    d: number,
    bytes: number,
  ): void;
  mixSpectra(n: number, r: number, a: number, b: number, c: number, d: number, bytes: number): void;
  countNumbers(from: number, count: number): number;
  selectRank(
    from: number,
    count: number,
    rank: number,
    centre: number,
    distances: number,
    histogram: number,
    between: number,
    room: number,
  ): number;
  selectBetween(
    from: number,
    count: number,
    rank: number,
    centre: number,
    distances: number,
    least: number,
    greatest: number,
    histogram: number,
    between: number,
    room: number,
  ): number;
  nextRank(
    from: number,
    count: number,
    rank: number,
    value: number,
    centre: number,
    distances: number,
  ): number;
  meanWithin(from: number, count: number, centre: number, farthest: number): number;
  clipSigma(
    from: number,
    count: number,
    sigma: number,
    iterations: number,
    sorted: number,
    other: number,
    histograms: number,
    result: number,
  ): void;
  swapFloat32(from: number, to: number, count: number): void;
  decodeFloat32(from: number, to: number, count: number, scale: number, zero: number): void;
  decodeFloat64(from: number, to: number, count: number, scale: number, zero: number): void;
  decodeInt32(
    from: number,
    to: number,
    count: number,
    scale: number,
    zero: number,
    hasBlank: number,
    blank: number,
  ): void;
  decodeInt16(
    from: number,
    to: number,
    count: number,
    scale: number,
    zero: number,
    hasBlank: number,
    blank: number,
  ): void;
  decodeUint8(
    from: number,
    to: number,
    count: number,
    scale: number,
    zero: number,
    hasBlank: number,
    blank: number,
  ): void;
  fitProfiles(
    tables: number,
    terms: number,
    profile: number,
    stride: number,
    places: number,
    values: number,
    variances: number,
    count: number,
    rows: number,
    pitch: number,
    hasPedestal: number,
    scratch: number,
    smooth: number,
    results: number,
  ): void;
  meshStatistics(
    from: number,
    stride: number,
    mask: number,
    maskStride: number,
    excluded: number,
    width: number,
    rows: number,
    least: number,
    values: number,
    histogram: number,
    result: number,
  ): number;
  fillCubics(
    cubics: number,
    starts: number,
    offsets: number,
    intervals: number,
    step: number,
    to: number,
    pitch: number,
    rows: number,
  ): void;
  addColumns(
    from: number,
    usable: number,
    width: number,
    rows: number,
    scale: number,
    limit: number,
    sums: number,
    counts: number,
  ): void;
  addBoxes(sums: number, counts: number, width: number, side: number, toSums: number, toCounts: number): void;
  layColumns(
    from: number,
    width: number,
    height: number,
    isTransposed: number,
    isMirrored: number,
    to: number,
  ): void;
  addHalves(half: number, to: number, span: number, rows: number, length: number): void;
  findPeaks(
    sums: number,
    columns: number,
    rows: number,
    length: number,
    step: number,
    places: number,
    peaks: number,
    samples: number,
  ): number;
  layCubics(
    values: number,
    bends: number,
    columns: number,
    rows: number,
    meshPx: number,
    firstRow: number,
    count: number,
    work: number,
    to: number,
  ): void;
  subtractEach(a: number, b: number, count: number, to: number): void;
  addSignal(light: number, noise: number, count: number, to: number): void;
  listRuns(from: number, width: number, rows: number, row: number, to: number): number;
  countBits(from: number, count: number, counts: number): void;
  listFillings(
    from: number,
    count: number,
    first: number,
    lowest: number,
    zeros: number,
    lows: number,
    found: number,
  ): void;
  balanceColumns(
    from: number,
    stride: number,
    width: number,
    rows: number,
    apart: number,
    margin: number,
    counts: number,
  ): void;
  balanceRow(from: number, width: number, piece: number, apart: number, margin: number, counts: number): void;
  listCold(
    from: number,
    stride: number,
    smooth: number,
    pitch: number,
    width: number,
    rows: number,
    least: number,
    to: number,
    room: number,
  ): number;
  fillPixels(
    science: number,
    template: number,
    scienceVariance: number,
    templateVariance: number,
    starsOfScience: number,
    starsOfTemplate: number,
    width: number,
    height: number,
    pixels: number,
    states: number,
    count: number,
    bad: number,
    neighbours: number,
    ends: number,
    rings: number,
    radius: number,
    enough: number,
    skyOfScience: number,
    skyOfTemplate: number,
  ): void;
  joinRows(a: number, b: number, stride: number, width: number, rows: number, to: number): void;
  listEither(a: number, b: number, bits: number, count: number, first: number, to: number): number;
  listUnusable(from: number, mask: number, excluded: number, count: number, to: number): number;
  markAbove(
    from: number,
    pitch: number,
    rms: number,
    isEven: number,
    threshold: number,
    width: number,
    rows: number,
    to: number,
    bytePitch: number,
  ): void;
  cosmicScratchBytes(width: number): number;
  searchCosmicRays(
    raw: number,
    barred: number,
    rawFirst: number,
    width: number,
    height: number,
    firstRow: number,
    rows: number,
    readNoiseSquared: number,
    threshold: number,
    faint: number,
    contrast: number,
    scratch: number,
    found: number,
  ): number;
  scaleCounts(
    from: number,
    count: number,
    pedestal: number,
    gain: number,
    limit: number,
    absent: number,
    saturated: number,
    to: number,
    mask: number,
    result: number,
  ): void;
  scaleRow(plane: number, variance: number, width: number, u: number, along: number, whitening: number): void;
  decodeRice(
    from: number,
    bytes: number,
    to: number,
    count: number,
    blockSize: number,
    pixelBits: number,
  ): number;
  decodeRicePair(
    fromA: number,
    bytesA: number,
    fromB: number,
    bytesB: number,
    to: number,
    count: number,
    blockSize: number,
    pixelBits: number,
  ): number;
  scaleInt32(
    from: number,
    to: number,
    count: number,
    scale: number,
    zero: number,
    hasBlank: number,
    blank: number,
  ): void;
  medianGroups(
    from: number,
    stride: number,
    counts: number,
    groups: number,
    size: number,
    program: number,
    steps: number,
    registers: number,
    to: number,
  ): void;
  fillMasked(
    plane: number,
    mask: number,
    stride: number,
    left: number,
    right: number,
    top: number,
    bottom: number,
    bits: number,
    depth: number,
    states: number,
    lists: number,
  ): void;
  growBits(
    mask: number,
    stride: number,
    left: number,
    right: number,
    top: number,
    bottom: number,
    bit: number,
    reach: number,
    halves: number,
    runs: number,
  ): void;
  resampleTile(
    plane: number,
    variance: number,
    mask: number,
    stride: number,
    originX: number,
    originY: number,
    imageWidth: number,
    imageHeight: number,
    mesh: number,
    meshColumns: number,
    meshRows: number,
    step: number,
    x0: number,
    y0: number,
    width: number,
    rows: number,
    weights: number,
    phases: number,
    threshold: number,
    noData: number,
    edge: number,
    outPlane: number,
    outVariance: number,
    outMask: number,
    scratch: number,
  ): void;
}

let loaded: KernelModule | undefined;

/** The module of this thread, compiled and instantiated at the first call. */
export function kernelModule(): KernelModule {
  loaded ??= new WebAssembly.Instance(compileKernels()).exports as unknown as KernelModule;
  return loaded;
}

/** Compile the kernels for relaxed SIMD where the engine knows it, else for plain. */
function compileKernels(): WebAssembly.Module {
  const relaxed = decodeBase64(relaxedBase64);
  return new WebAssembly.Module(WebAssembly.validate(relaxed) ? relaxed : decodeBase64(plainBase64));
}

/** Drop this thread's module and its memory; the next kernel call makes a new one. */
export function dropKernelModule(): void {
  loaded = undefined;
}

// Neither Buffer nor atob is in every room that runs kernels.
function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const values = new Uint8Array(128);
  for (let i = 0; i < 64; i++) values[alphabet.charCodeAt(i)] = i;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let at = 0;
  for (let i = 0; i < text.length; i += 4) {
    const group =
      (values[text.charCodeAt(i)]! << 18) |
      (values[text.charCodeAt(i + 1)]! << 12) |
      (values[text.charCodeAt(i + 2)]! << 6) |
      values[text.charCodeAt(i + 3)]!;
    bytes[at++] = group >> 16;
    bytes[at++] = group >> 8;
    bytes[at++] = group;
  }
  return bytes;
}
