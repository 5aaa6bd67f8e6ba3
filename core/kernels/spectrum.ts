/**
 * The half spectrum of a real plane.
 *
 * `height` rows of `width / 2 + 1` complex numbers, real and imaginary parts interleaved; `data.length` is
 * `height * (width + 2)`. Column kx is the frequency kx / width, row ky the frequency ky / height (the upper half of
 * the rows: negative). `width` is that of the real plane.
 */
export interface Spectrum {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Make a spectrum of zeros that threads can share. */
export function makeSpectrum(width: number, height: number): Spectrum {
  return {
    width,
    height,
    data: new Float32Array(new SharedArrayBuffer((width + 2) * height * 4)),
  };
}
