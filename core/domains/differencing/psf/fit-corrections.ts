import { fitClipped } from '../../../kernels/index.ts';
import type { StarEvidence } from './collect-evidence.ts';
import type { ShapeVariation } from './fit-shape-modes.ts';
import { measureWings } from './measure-wings.ts';
import { drawMoffat } from './moffat.ts';
import type { PsfModel } from './psf-model.ts';
import { countTerms, evaluateTerms } from './psf-polynomial.ts';
import { fade, shrinkRings } from './shrink-rings.ts';

/** The table counts fully up to here and no more beyond, FWHM. */
const FADE_FROM = 3.25;
const FADE_TO = 4;
/** From here on the light of neighbours that nobody detected matters beside a star's own, FWHM. */
const WINGS_FROM = 1.5;

/**
 * Fit a polynomial in the position to each pixel of the correction table.
 *
 * Pixels of single stars that disagree by more than three sigma (neighbours nobody detected, cosmic rays) are
 * left out. What cannot be told from noise is shrunk ring by ring, and far out the table fades into the
 * Moffat's wings, as bright as they were measured where it begins to.
 *
 * @param reachPx where the table ends; at most 4 FWHM.
 * @param shapes how size and shape vary: what cannot be told from noise follows them. Wings that did not grow with the core
 * would take a star's light from it, a percent and more in the corners of a field.
 * @returns one stamp (size, size) for each polynomial term.
 */
export function fitCorrections(
  model: PsfModel,
  evidence: readonly StarEvidence[],
  degree: number,
  reachPx = FADE_TO * model.fwhmPx,
  shapes?: ShapeVariation,
): Float64Array[] {
  const { size } = model;
  const pixels = size * size;
  const count = countTerms(degree);
  const terms = listTerms(model, evidence, degree);
  const tables = Array.from({ length: count }, () => new Float64Array(pixels));
  const errors = Array.from({ length: count }, () => new Float64Array(pixels));
  const radii = radiiOf(size);
  const fitPixels = (indices: Int32Array, isDoubted: boolean): void => {
    const { isFit, values, formal, spread } = fitClipped(evidence, indices, terms, count, isDoubted);
    indices.forEach((k, i) => {
      if (isFit[i] === 0) return;
      for (let t = 0, at = i * count; t < count; t++, at++) {
        tables[t][k] = values[at];
        errors[t][k] = t > 0 && isDoubted ? Math.max(formal[at], spread[at]) : formal[at];
      }
    });
  };
  const inside = Int32Array.from(radii.keys()).filter((k) => radii[k] <= reachPx);
  const isWing = (k: number): boolean => degree > 0 && radii[k] > WINGS_FROM * model.fwhmPx;
  fitPixels(
    inside.filter((k) => !isWing(k)),
    false,
  );
  // How wings vary is told by a few bright stars, each with neighbours that nobody detected: the noise of their pixels knows
  // nothing of those, and a star alone at its rim of the field bends a slope until it shows no residual either. What all
  // stars have in common has no rim.
  fitPixels(inside.filter(isWing), true);
  const analytic = new Float64Array(pixels);
  drawMoffat(model.moffat, 0, 0, analytic, size);
  for (let t = 0; t < count; t++) {
    if (t > 0 && shapes) shrinkTowards(tables[t], errors[t], shapes.tables[t], shapes.misfits[t], size);
    else shrinkRings(tables[t], errors[t], size);
    const wings = measureWings(model.moffat, tables[t], size, model.fwhmPx);
    for (let k = 0; k < pixels; k++) {
      const own = fade(radii[k], FADE_FROM * model.fwhmPx, FADE_TO * model.fwhmPx);
      tables[t][k] = own * tables[t][k] + (1 - own) * wings * analytic[k];
    }
  }
  return tables;
}

/** Give the terms of a polynomial, each at the places of all stars. */
function listTerms(model: PsfModel, evidence: readonly StarEvidence[], degree: number): Float64Array {
  const stars = evidence.length;
  const terms = new Float64Array(countTerms(degree) * stars);
  evidence.forEach(({ x, y }, s) => {
    evaluateTerms(degree, x, y, model.imageWidth, model.imageHeight).forEach((term, t) => {
      terms[t * stars + s] = term;
    });
  });
  return terms;
}

/** Shrink a varying table towards what is expected of it, in place, and take off what its stars' fluxes were off by. */
function shrinkTowards(
  table: Float64Array,
  variance: Float64Array,
  expected: Float64Array,
  misfit: Float64Array,
  size: number,
): void {
  for (let k = 0; k < table.length; k++) table[k] = variance[k] > 0 ? table[k] - expected[k] - misfit[k] : 0;
  shrinkRings(table, variance, size);
  for (let k = 0; k < table.length; k++) table[k] += expected[k];
}

/** Distances of the pixels of a stamp from its middle, px. */
function radiiOf(size: number): Float64Array {
  const half = (size - 1) / 2;
  return Float64Array.from({ length: size * size }, (_, k) =>
    Math.hypot((k % size) - half, Math.floor(k / size) - half),
  );
}
