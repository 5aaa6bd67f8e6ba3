import { type MaskPlane, makeMaskPlane, makePlane, type Plane } from '../../../kernels/index.ts';
import type { SpatialPsf } from '../model.ts';
import { measureFwhm } from '../psf/finish-psf.ts';
import { countTerms, evaluateTerms } from '../psf/psf-polynomial.ts';
import { solveCholesky } from '../solve-linear.ts';
import type { SubtractedTile } from './subtracted-tile.ts';

/** All tiles side by side. */
export interface AssembledDifference {
  readonly difference: Plane;
  readonly variance: Plane;
  readonly score: Plane;
  readonly shared: Plane;
  readonly wings: Plane;
  readonly flux: Plane;
  readonly fluxErr: Plane;
  readonly mask: MaskPlane;
  readonly tiles: readonly SubtractedTile[];
}

/** Put the tiles together. */
export function assembleDifference(
  tiles: readonly SubtractedTile[],
  width: number,
  height: number,
): AssembledDifference {
  const mask = makeMaskPlane(width, height);
  const paste = (pick: (tile: SubtractedTile) => Plane | MaskPlane, target: Float32Array | Uint16Array) => {
    for (const piece of tiles) {
      const source = pick(piece).data;
      const { x, y, width: w, height: h } = piece.tile;
      for (let j = 0; j < h; j++) target.set(source.subarray(j * w, (j + 1) * w), (y + j) * width + x);
    }
  };
  const join = (pick: (tile: SubtractedTile) => Plane): Plane => {
    const plane = makePlane(width, height);
    paste(pick, plane.data);
    return plane;
  };
  paste((tile) => tile.mask, mask.data);
  return {
    difference: join((tile) => tile.difference),
    variance: join((tile) => tile.variance),
    score: join((tile) => tile.score),
    shared: join((tile) => tile.shared),
    wings: join((tile) => tile.wings),
    flux: join((tile) => tile.flux),
    fluxErr: join((tile) => tile.fluxErr),
    mask,
    tiles,
  };
}

/** Describe the PSF of the whole difference: a polynomial through the tiles' PSFs. */
export function joinTilePsfs(
  tiles: readonly SubtractedTile[],
  width: number,
  height: number,
  parts: { readonly science: SpatialPsf; readonly template: SpatialPsf },
): SpatialPsf {
  let degree = Math.max(parts.science.degree, parts.template.degree);
  while (degree > 0 && tiles.length < 1.5 * countTerms(degree)) degree--;
  const count = countTerms(degree);
  const size = tiles[0].psfSize;
  const normal = new Float64Array(count * count);
  const rights = Array.from({ length: size * size }, () => new Float64Array(count));
  for (const { tile, psf } of tiles) {
    const terms = evaluateTerms(
      degree,
      tile.x + (tile.width - 1) / 2,
      tile.y + (tile.height - 1) / 2,
      width,
      height,
    );
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) normal[a * count + b] += terms[a] * terms[b];
      for (let k = 0; k < psf.length; k++) rights[k][a] += terms[a] * psf[k];
    }
  }
  const coefficients = Array.from(
    { length: count },
    () => new Float32Array(new SharedArrayBuffer(size * size * 4)),
  );
  rights.forEach((right, k) => {
    const solved = solveCholesky(normal, right)!;
    for (let a = 0; a < count; a++) coefficients[a][k] = solved[a];
  });
  return {
    size,
    degree,
    imageWidth: width,
    imageHeight: height,
    coefficients,
    fwhmPx: measureFwhm(coefficients[0], size),
    starsUsed: Math.min(parts.science.starsUsed, parts.template.starsUsed),
    heldOutChi2: Math.max(parts.science.heldOutChi2, parts.template.heldOutChi2),
    mismatch: Math.hypot(parts.science.mismatch, parts.template.mismatch),
    method: parts.science.method === 'moffat' || parts.template.method === 'moffat' ? 'moffat' : 'pixels',
  };
}
