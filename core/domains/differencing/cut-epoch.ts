import type { MaskPlane, Plane } from '../../kernels/index.ts';
import { makeMaskPlane, makePlane } from '../../kernels/index.ts';
import type { MaskedImage } from '../observations/index.ts';
import type { Difference, SpatialPsf } from './model.ts';
import { evaluatePsf } from './psf/evaluate-psf.ts';

/** The pixels around one place of a difference and its science image: enough to measure it again nearby. */
export interface EpochCutout {
  /** Pixel of the images that is the cutout's (0, 0). */
  readonly xPx: number;
  readonly yPx: number;
  readonly difference: MaskedImage;
  readonly science: MaskedImage;
  /** Constant: as they are at the place. */
  readonly psf: SpatialPsf;
  readonly sciencePsf: SpatialPsf;
}

/** Cut the pixels within a reach of a place out of a difference and its science image. @param reachPx half the side. */
export function cutEpoch(
  difference: Difference,
  science: MaskedImage,
  place: { readonly xPx: number; readonly yPx: number },
  reachPx: number,
): EpochCutout {
  const { width, height } = difference.score;
  const x0 = Math.min(width - 1, Math.max(0, Math.round(place.xPx) - reachPx));
  const y0 = Math.min(height - 1, Math.max(0, Math.round(place.yPx) - reachPx));
  const box = {
    x: x0,
    y: y0,
    width: Math.max(1, Math.min(width, Math.round(place.xPx) + reachPx + 1) - x0),
    height: Math.max(1, Math.min(height, Math.round(place.yPx) + reachPx + 1) - y0),
  };
  const cut = (image: MaskedImage): MaskedImage => ({
    science: cutPlane(image.science, box, makePlane),
    variance: cutPlane(image.variance, box, makePlane),
    mask: cutPlane(image.mask, box, makeMaskPlane),
  });
  const own = { science: difference.difference, variance: difference.variance, mask: difference.mask };
  return {
    xPx: x0,
    yPx: y0,
    difference: cut(own),
    science: cut(science),
    psf: fixPsf(difference.psf, place, box),
    sciencePsf: fixPsf(difference.sciencePsf, place, box),
  };
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function cutPlane<Kind extends Plane | MaskPlane>(
  { width, data }: Kind,
  box: Box,
  make: (width: number, height: number) => Kind,
): Kind {
  const cut = make(box.width, box.height);
  for (let y = 0; y < box.height; y++) {
    const from = (box.y + y) * width + box.x;
    cut.data.set(data.subarray(from, from + box.width), y * box.width);
  }
  return cut;
}

function fixPsf(psf: SpatialPsf, { xPx, yPx }: { readonly xPx: number; readonly yPx: number }, box: Box) {
  return {
    ...psf,
    degree: 0,
    imageWidth: box.width,
    imageHeight: box.height,
    coefficients: [evaluatePsf(psf, xPx, yPx).data],
  };
}
