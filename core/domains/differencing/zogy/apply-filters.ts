import { irfft2, makeSpectrum, type Plane, type Spectrum } from '../../../kernels/index.ts';

/** Give the image whose spectrum is the product of two. */
export function filterImage(image: Spectrum, filter: Spectrum): Plane {
  const product = makeSpectrum(image.width, image.height);
  addProduct(product, image, filter, 1);
  return irfft2(product);
}

/** Give the image whose spectrum is a1 b1 + sign a2 b2. */
export function filterPair(
  first: Spectrum,
  firstFilter: Spectrum,
  second: Spectrum,
  secondFilter: Spectrum,
  sign: 1 | -1,
): Plane {
  const product = makeSpectrum(first.width, first.height);
  addProduct(product, first, firstFilter, 1);
  addProduct(product, second, secondFilter, sign);
  return irfft2(product);
}

function addProduct(sum: Spectrum, a: Spectrum, b: Spectrum, sign: number): void {
  for (let k = 0; k < sum.data.length; k += 2) {
    const re = a.data[k];
    const im = a.data[k + 1];
    sum.data[k] += sign * (re * b.data[k] - im * b.data[k + 1]);
    sum.data[k + 1] += sign * (re * b.data[k + 1] + im * b.data[k]);
  }
}

/** Move an image by a fraction of a pixel, exactly for what its pixels resolve, by turning its spectrum's phases. */
export function shiftSpectrum(spectrum: Spectrum, dx: number, dy: number): void {
  const { width, height, data } = spectrum;
  const columns = width / 2 + 1;
  for (let row = 0; row < height; row++) {
    const fy = (row <= height / 2 ? row : row - height) / height;
    for (let column = 0; column < columns; column++) {
      const angle = -2 * Math.PI * ((column / width) * dx + fy * dy);
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      const k = (row * columns + column) * 2;
      const re = data[k];
      const im = data[k + 1];
      data[k] = re * cos - im * sin;
      data[k + 1] = re * sin + im * cos;
    }
  }
}
