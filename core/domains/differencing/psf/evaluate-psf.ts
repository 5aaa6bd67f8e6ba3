import { makePlane, type Plane } from '../../../kernels/index.ts';
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
  const plane = makePlane(psf.size, psf.size);
  const { data } = plane;
  const terms = evaluateTerms(psf.degree, x, y, psf.imageWidth, psf.imageHeight);
  psf.coefficients.forEach((table, k) => {
    const term = terms[k];
    for (let i = 0; i < table.length; i++) data[i] += term * table[i];
  });
  return plane;
}
