import { type KernelModule, plainBase64, relaxedBase64 } from './generated/wasm.ts';

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
