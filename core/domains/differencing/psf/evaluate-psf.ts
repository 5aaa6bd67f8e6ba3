import { makeStamp, type Plane } from '../../../kernels/index.ts';
import type { SpatialPsf } from '../model.ts';
import { evaluateTerms } from './psf-polynomial.ts';

/**
 * Give the point-spread function at pixel (x, y) of its image.
 *
 * @returns (size, size), light of a star of one electron, centred on its middle pixel.
 */
export function evaluatePsf(psf: SpatialPsf, x: number, y: number): Plane {
  const patch = psf.patches?.find(
    (part) => x >= part.x - 0.5 && y >= part.y - 0.5 && x < part.x + part.width && y < part.y + part.height,
  );
  if (patch) return evaluatePsf(patch.psf, x, y);
  const { size, coefficients } = psf;
  const terms = evaluateTerms(psf.degree, x, y, psf.imageWidth, psf.imageHeight);
  const plane = makeStamp(size, size);
  for (let k = 0; k < coefficients.length; k++) addTimes(plane.data, terms[k], coefficients[k]);
  return plane;
}

function addTimes(data: Float32Array, factor: number, table: Float32Array): void {
  for (let i = 0; i < table.length; i++) data[i] += factor * table[i];
}
