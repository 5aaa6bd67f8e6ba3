/**
 * The kernels as one would write them in plain TypeScript: what the WebAssembly ones are measured against.
 *
 * They are honest, allocation-free loops over typed arrays, not straw men; edges are left out where they cost nothing.
 */
import type { Plane } from '../../core/kernels/index.ts';

/** Real FFT of a power-of-two plane as a complex radix-2 transform of rows, then of columns. */
export function plainTransform({ width, height, data }: Plane): Float32Array {
  const columns = width / 2 + 1;
  const out = new Float32Array(columns * height * 2);
  const transform = makeTransform(Math.max(width, height));
  const re = new Float64Array(Math.max(width, height));
  const im = new Float64Array(Math.max(width, height));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      re[x] = data[y * width + x]!;
      im[x] = 0;
    }
    transform(re, im, width);
    for (let k = 0; k < columns; k++) {
      out[2 * (y * columns + k)] = re[k]!;
      out[2 * (y * columns + k) + 1] = im[k]!;
    }
  }
  for (let k = 0; k < columns; k++) {
    for (let y = 0; y < height; y++) {
      re[y] = out[2 * (y * columns + k)]!;
      im[y] = out[2 * (y * columns + k) + 1]!;
    }
    transform(re, im, height);
    for (let y = 0; y < height; y++) {
      out[2 * (y * columns + k)] = re[y]!;
      out[2 * (y * columns + k) + 1] = im[y]!;
    }
  }
  return out;
}

function makeTransform(longest: number): (re: Float64Array, im: Float64Array, n: number) => void {
  const cos = Float64Array.from({ length: longest }, (_, k) => Math.cos((2 * Math.PI * k) / longest));
  const sin = Float64Array.from({ length: longest }, (_, k) => -Math.sin((2 * Math.PI * k) / longest));
  return (re, im, n) => {
    for (let i = 1, j = 0; i < n; i++) {
      let bit = n >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) {
        [re[i], re[j]] = [re[j]!, re[i]!];
        [im[i], im[j]] = [im[j]!, im[i]!];
      }
    }
    for (let size = 2; size <= n; size *= 2) {
      const half = size / 2;
      const stride = longest / size;
      for (let start = 0; start < n; start += size) {
        for (let k = 0; k < half; k++) {
          const [a, b] = [start + k, start + k + half];
          const [wr, wi] = [cos[k * stride]!, sin[k * stride]!];
          const tr = re[b]! * wr - im[b]! * wi;
          const ti = re[b]! * wi + im[b]! * wr;
          re[b] = re[a]! - tr;
          im[b] = im[a]! - ti;
          re[a] = re[a]! + tr;
          im[a] = im[a]! + ti;
        }
      }
    }
  };
}

/** Convolution of the pixels whose window lies inside the plane. */
export function plainConvolve(plane: Plane, kernel: Plane, out: Plane): void {
  const { width, height, data } = plane;
  const [rx, ry] = [kernel.width >> 1, kernel.height >> 1];
  for (let y = ry; y < height - ry; y++) {
    for (let x = rx; x < width - rx; x++) {
      let sum = 0;
      for (let j = 0; j < kernel.height; j++) {
        const row = (y + ry - j) * width + x + rx;
        for (let i = 0; i < kernel.width; i++) sum += kernel.data[j * kernel.width + i]! * data[row - i]!;
      }
      out.data[y * width + x] = sum;
    }
  }
}

/** Convolution along rows, then along columns. */
export function plainConvolveSeparable(plane: Plane, taps: Float32Array, middle: Plane, out: Plane): void {
  plainConvolve(plane, { width: taps.length, height: 1, data: taps }, middle);
  plainConvolve(middle, { width: 1, height: taps.length, data: taps }, out);
}

/** Median by insertion into a sorted window. */
export function plainMedian(plane: Plane, sizeX: number, sizeY: number, out: Plane): void {
  const { width, height, data } = plane;
  const [rx, ry] = [sizeX >> 1, sizeY >> 1];
  const values = new Float32Array(sizeX * sizeY);
  for (let y = ry; y < height - ry; y++) {
    for (let x = rx; x < width - rx; x++) {
      let count = 0;
      for (let j = -ry; j <= ry; j++) {
        for (let i = -rx; i <= rx; i++) {
          const value = data[(y + j) * width + x + i]!;
          let at = count++;
          for (; at > 0 && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
          values[at] = value;
        }
      }
      out.data[y * width + x] = values[values.length >> 1]!;
    }
  }
}

/** L.A.Cosmic's L+ with the four corners written out. */
export function plainLaplacian(plane: Plane, out: Plane): void {
  const { width, height, data } = plane;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const [twice, left, right] = [2 * data[at]!, data[at - 1]!, data[at + 1]!];
      const [up, down] = [data[at - width]!, data[at + width]!];
      out.data[at] =
        0.25 *
        (Math.max(0, twice - left - up) +
          Math.max(0, twice - left - down) +
          Math.max(0, twice - right - up) +
          Math.max(0, twice - right - down));
    }
  }
}

/** Lanczos-3 at a constant shift, weights computed once: the least that resampling can cost. */
export function plainShift(
  plane: Plane,
  variance: Plane,
  phase: number,
  out: Plane,
  outVariance: Plane,
): void {
  const { width, height } = plane;
  const weights = Float64Array.from([-2, -1, 0, 1, 2, 3], (tap) => {
    const t = Math.PI * (tap - phase);
    return (3 * Math.sin(t) * Math.sin(t / 3)) / (t * t);
  });
  for (let y = 2; y < height - 3; y++) {
    for (let x = 2; x < width - 3; x++) {
      let sum = 0;
      let noise = 0;
      for (let j = 0; j < 6; j++) {
        for (let i = 0; i < 6; i++) {
          const w = weights[j]! * weights[i]!;
          const from = (y + j - 2) * width + x + i - 2;
          sum += w * plane.data[from]!;
          noise += w * w * variance.data[from]!;
        }
      }
      out.data[y * width + x] = sum;
      outVariance.data[y * width + x] = noise;
    }
  }
}

/** Median by sorting a copy. */
export function plainSelectMedian(data: Float32Array): number {
  return Float32Array.from(data).sort()[data.length >> 1]!;
}

/** Sigma clipping by filtering and sorting anew in each round. */
export function plainClip(data: Float32Array): number {
  let kept = Float32Array.from(data).sort();
  for (;;) {
    let [sum, squares] = [0, 0];
    const median = kept[kept.length >> 1]!;
    for (const value of kept) {
      sum += value - median;
      squares += (value - median) ** 2;
    }
    const limit = 3 * Math.sqrt(squares / kept.length - (sum / kept.length) ** 2);
    const next = kept.filter((value) => Math.abs(value - median) <= limit);
    if (next.length === kept.length) return median;
    kept = next;
  }
}

/** Big-endian samples through a DataView. */
export function plainDecode(bytes: Uint8Array, out: Float32Array, kind: 'float32' | 'int16'): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (kind === 'float32') for (let i = 0; i < out.length; i++) out[i] = view.getFloat32(4 * i, false);
  else for (let i = 0; i < out.length; i++) out[i] = 32768 + view.getInt16(2 * i, false);
}

/** Product of two interleaved complex arrays. */
export function plainMultiply(a: Float32Array, b: Float32Array, out: Float32Array): void {
  for (let k = 0; k < a.length; k += 2) {
    const [ar, ai, br, bi] = [a[k]!, a[k + 1]!, b[k]!, b[k + 1]!];
    out[k] = ar * br - ai * bi;
    out[k + 1] = ar * bi + ai * br;
  }
}
