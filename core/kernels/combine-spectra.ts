import { addressOf, allocate, floatsAt, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';
import { makePlane } from './plane.ts';
import { requireSameSize } from './run-bands.ts';
import type { Spectrum } from './spectrum.ts';
import { makeSpectrum } from './spectrum.ts';

/** Complex numbers copied at a time for arrays outside the arena. */
const CHUNK = 8192;

/**
 * Multiply two spectra: a b. Convolution of their planes (circular).
 *
 * `out` may be `a` or `b`, here and in all functions of this file. NaN spreads to the numbers it touches only.
 *
 * @throws RangeError when sizes differ.
 */
export function multiplySpectra(a: Spectrum, b: Spectrum, out: Spectrum = like(a)): Spectrum {
  requireSameSize(a, b);
  requireSameSize(a, out);
  runChunks([a.data, b.data], [2, 2], out.data, 2, ([pa, pb], to, count) =>
    kernelModule().multiplyComplex(pa!, pb!, to, count),
  );
  return out;
}

/** Multiply a spectrum by the conjugate of another: a conj(b). Correlation of a's plane with b's (circular). */
export function multiplyConjugate(a: Spectrum, b: Spectrum, out: Spectrum = like(a)): Spectrum {
  requireSameSize(a, b);
  requireSameSize(a, out);
  runChunks([a.data, b.data], [2, 2], out.data, 2, ([pa, pb], to, count) =>
    kernelModule().multiplyComplexConjugate(pa!, pb!, to, count),
  );
  return out;
}

/** Combine two spectra: alpha a + beta b. */
export function scaleAdd(
  a: Spectrum,
  alpha: number,
  b: Spectrum,
  beta: number,
  out: Spectrum = like(a),
): Spectrum {
  requireSameSize(a, b);
  requireSameSize(a, out);
  runChunks([a.data, b.data], [2, 2], out.data, 2, ([pa, pb], to, count) =>
    kernelModule().addScaled(pa!, alpha, pb!, beta, to, count),
  );
  return out;
}

/**
 * Combine two images through two filters in one pass: a x + factor b y.
 *
 * With cached filters this is ZOGY's difference (factor -1: a = Fr Pr / sqrt(den), x = N, b = Fn Pn / sqrt(den), y = R)
 * and its variance (factor 1: the transforms of kn^2, V(N), kr^2, V(R)).
 */
export function addProductSpectra(
  a: Spectrum,
  x: Spectrum,
  b: Spectrum,
  y: Spectrum,
  factor = 1,
  out: Spectrum = like(a),
): Spectrum {
  for (const other of [x, b, y, out]) requireSameSize(a, other);
  runChunks([a.data, x.data, b.data, y.data], [2, 2, 2, 2], out.data, 2, ([pa, px, pb, py], to, count) =>
    kernelModule().addProducts(pa!, px!, pb!, py!, factor, to, count),
  );
  return out;
}

/**
 * Multiply a spectrum by real numbers, one for each of its complex ones.
 *
 * @param factors width / 2 + 1 by height, as `powerSpectrum` returns.
 */
export function multiplyReal(a: Spectrum, factors: Plane, out: Spectrum = like(a)): Spectrum {
  requireSameSize({ width: a.width / 2 + 1, height: a.height }, factors);
  requireSameSize(a, out);
  runChunks([a.data, factors.data], [2, 1], out.data, 2, ([pa, pr], to, count) =>
    kernelModule().multiplyReal(pa!, pr!, to, count),
  );
  return out;
}

/** Take the squared modulus |a|^2 of each number: a plane of width / 2 + 1 by height. */
export function powerSpectrum(a: Spectrum, out: Plane = makePlane(a.width / 2 + 1, a.height)): Plane {
  requireSameSize({ width: a.width / 2 + 1, height: a.height }, out);
  runChunks([a.data], [2], out.data, 1, ([pa], to, count) => kernelModule().squareModulus(pa!, to, count));
  return out;
}

function like(a: Spectrum): Spectrum {
  return makeSpectrum(a.width, a.height);
}

/**
 * Run a pointwise kernel over arrays, in place for those in the arena and through small buffers for the others.
 *
 * `floats` and `outFloats` are the floats of each array for one complex number.
 */
function runChunks(
  inputs: readonly Float32Array[],
  floats: readonly number[],
  out: Float32Array,
  outFloats: number,
  kernel: (inputs: readonly number[], to: number, count: number) => void,
): void {
  withArena(() => {
    const total = out.length / outFloats;
    const homes = inputs.map(addressOf);
    const outHome = addressOf(out);
    const allHome = outHome !== undefined && homes.every((home) => home !== undefined);
    const chunk = allHome ? total : Math.min(total, CHUNK);
    // Allocating may move the memory, and with it detach `inputs` that live there; those are used by address only.
    const places = homes.map((home, i) => home ?? allocate(chunk * floats[i]! * 4));
    const outPlace = outHome ?? allocate(chunk * outFloats * 4);
    for (let first = 0; first < total; first += chunk) {
      const count = Math.min(chunk, total - first);
      const addresses = places.map((place, i) => {
        const perNumber = floats[i]!;
        if (homes[i] !== undefined) return place + first * perNumber * 4;
        floatsAt(place, count * perNumber).set(
          inputs[i]!.subarray(first * perNumber, (first + count) * perNumber),
        );
        return place;
      });
      const to = outHome === undefined ? outPlace : outPlace + first * outFloats * 4;
      kernel(addresses, to, count);
      if (outHome === undefined) out.set(floatsAt(outPlace, count * outFloats), first * outFloats);
    }
  });
}
