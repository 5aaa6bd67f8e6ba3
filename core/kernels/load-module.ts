import { wasmBase64 } from './generated/wasm.ts';

/** What the WebAssembly module offers; addresses and sizes are plain integers. See assembly/ for each. */
export interface KernelModule {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  transformColumns(
    from: number,
    to: number,
    columns: number,
    height: number,
    plan: number,
    work: number,
    inverse: number,
  ): void;
  forwardRows(
    from: number,
    to: number,
    rows: number,
    m: number,
    plan: number,
    turns: number,
    work: number,
  ): void;
  inverseRows(
    from: number,
    to: number,
    rows: number,
    m: number,
    plan: number,
    turns: number,
    work: number,
    scale: number,
  ): void;
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
  hasNaN(from: number, length: number): number;
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
}

let loaded: KernelModule | undefined;

/** The module of this thread, compiled and instantiated at the first call. */
export function kernelModule(): KernelModule {
  loaded ??= new WebAssembly.Instance(new WebAssembly.Module(decodeBase64(wasmBase64)))
    .exports as unknown as KernelModule;
  return loaded;
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
