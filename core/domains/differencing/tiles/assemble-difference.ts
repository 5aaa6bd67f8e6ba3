import { lendMaskPlane, lendPlane } from '../../../kernels/index.ts';
import type { SpatialPsf } from '../model.ts';
import { measureFwhm } from '../psf/finish-psf.ts';
import { countTerms, evaluateTerms } from '../psf/psf-polynomial.ts';
import { solveCholesky } from '../solve-linear.ts';
import type { DifferenceCanvas, SubtractedTile } from './subtracted-tile.ts';

/** All tiles side by side. */
export interface AssembledDifference extends DifferenceCanvas {
  readonly tiles: readonly SubtractedTile[];
}

/** Lend planes for tiles to be written to, side by side; not cleared: tiles cover them. Nothing is copied when they are all there. */
export function makeCanvas(width: number, height: number): DifferenceCanvas {
  return {
    difference: lendPlane(width, height),
    variance: lendPlane(width, height),
    score: lendPlane(width, height),
    shared: lendPlane(width, height),
    fluxErr: lendPlane(width, height),
    mask: lendMaskPlane(width, height),
  };
}

/** Give one tile of each cell: what is true of a cell all of its tiles know. */
export function oneOfEachCell<Piece extends Pick<SubtractedTile, 'tile'>>(
  tiles: readonly Piece[],
): readonly Piece[] {
  const seen = new Set<string>();
  return tiles.filter(({ tile: { cell } }) => {
    const name = `${cell.x} ${cell.y}`;
    const isNew = !seen.has(name);
    seen.add(name);
    return isNew;
  });
}

/** Describe the PSF of the whole difference: a polynomial through the cells' PSFs. */
export function joinTilePsfs(
  tiles: readonly SubtractedTile[],
  width: number,
  height: number,
  parts: { readonly science: SpatialPsf; readonly template: SpatialPsf },
): SpatialPsf {
  let degree = Math.max(parts.science.degree, parts.template.degree);
  const cells = oneOfEachCell(tiles);
  while (degree > 0 && cells.length < 1.5 * countTerms(degree)) degree--;
  const count = countTerms(degree);
  const size = cells[0].psfSize;
  const normal = new Float64Array(count * count);
  const rights = Array.from({ length: size * size }, () => new Float64Array(count));
  for (const { tile, psf } of cells) {
    const { cell } = tile;
    const terms = evaluateTerms(
      degree,
      cell.x + (cell.width - 1) / 2,
      cell.y + (cell.height - 1) / 2,
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
