import { type MaskPlane, makeMaskPlane, makePlane, type Plane } from '../../../kernels/index.ts';
import type { TaskContext } from '../../../utils/index.ts';
import { type Box, cutImage, type ImageSource, type MaskedImage } from '../../observations/index.ts';
import type { Difference, SpatialPsf } from '../model.ts';
import { countTerms } from '../psf/psf-polynomial.ts';

/** A difference and the two images it came from, on one grid. */
export interface SubtractedPair<Image extends ImageSource = ImageSource> {
  readonly science: Image;
  readonly template: Image;
  readonly difference: Difference;
}

/** Copy a rectangle out of a pair; its planes are its own, its point-spread functions those of the same sky. */
export function cropPair(pair: SubtractedPair, box: Box, context: TaskContext): SubtractedPair<MaskedImage> {
  const { difference } = pair;
  return {
    science: cutImage(pair.science, box, context),
    template: cutImage(pair.template, box, context),
    difference: {
      ...difference,
      difference: cropPlane(difference.difference, box),
      variance: cropPlane(difference.variance, box),
      score: cropPlane(difference.score, box),
      flux: cropPlane(difference.flux, box),
      fluxErr: cropPlane(difference.fluxErr, box),
      mask: cropMask(difference.mask, box),
      psf: cropPsf(difference.psf, box),
      sciencePsf: cropPsf(difference.sciencePsf, box),
      templatePsf: cropPsf(difference.templatePsf, box),
    },
  };
}

function cropPlane(plane: Plane, box: Box): Plane {
  return copyRows(plane, makePlane(box.width, box.height), box);
}

function cropMask(mask: MaskPlane, box: Box): MaskPlane {
  return copyRows(mask, makeMaskPlane(box.width, box.height), box);
}

function copyRows<Target extends Plane | MaskPlane>(source: Target, target: Target, box: Box): Target {
  for (let y = 0; y < box.height; y++) {
    const from = (box.y + y) * source.width + box.x;
    target.data.set(source.data.subarray(from, from + box.width), y * box.width);
  }
  return target;
}

/**
 * Write a point-spread function for the pixels of a rectangle: the same polynomial about another middle.
 *
 * With u = a + b u' and v = c + d v', each term u^p v^q is expanded by the binomial theorem.
 */
export function cropPsf(psf: SpatialPsf, box: Box): SpatialPsf {
  const [a, b] = moveAxis(box.x, box.width, psf.imageWidth);
  const [c, d] = moveAxis(box.y, box.height, psf.imageHeight);
  const count = countTerms(psf.degree);
  const powers = listPowers(psf.degree);
  const coefficients = Array.from({ length: count }, () => new Float32Array(psf.size * psf.size));
  powers.forEach(([p, q], from) => {
    powers.forEach(([s, t], to) => {
      if (s > p || t > q) return;
      const factor = binomial(p, s) * a ** (p - s) * b ** s * binomial(q, t) * c ** (q - t) * d ** t;
      const source = psf.coefficients[from];
      for (let k = 0; k < source.length; k++) coefficients[to][k] += factor * source[k];
    });
  });
  return {
    ...psf,
    coefficients,
    imageWidth: box.width,
    imageHeight: box.height,
    patches: psf.patches?.map((patch) => ({
      ...patch,
      x: patch.x - box.x,
      y: patch.y - box.y,
      psf: cropPsf(patch.psf, box),
    })),
  };
}

/** Coordinate in [-1, 1] over the whole as a + b times that over the part. */
function moveAxis(start: number, length: number, whole: number): readonly [number, number] {
  const scale = 2 / Math.max(1, whole - 1);
  return [scale * (start + (length - 1) / 2) - 1, (scale * (length - 1)) / 2];
}

function listPowers(degree: number): readonly (readonly [number, number])[] {
  const powers: [number, number][] = [];
  for (let order = 0; order <= degree; order++) {
    for (let q = 0; q <= order; q++) powers.push([order - q, q]);
  }
  return powers;
}

function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value = (value * (n - k + i)) / i;
  return value;
}
