import { expect, it } from 'vitest';
import { truePsf } from '../../../../tests/golden/zogy-scene.ts';
import { makeMaskPlane, makePlane, withScratch } from '../../../kernels/index.ts';
import { evaluatePsf } from '../psf/evaluate-psf.ts';
import { finishRows } from './finish-rows.ts';
import { answerAt, answerOf } from './level-flux.ts';

it('gives a star its own flux wherever it lies in a cell, and leaves its significance alone', () => {
  const [width, height] = [120, 80];
  // A profile that broadens to the right.
  const [sharp, broad] = [3, 3.4].map((fwhm) => truePsf(fwhm, 3, width, height));
  const size = broad.size;
  const wide = Float32Array.from(broad.coefficients[0]);
  const narrow = new Float32Array(size * size);
  const margin = (size - sharp.size) / 2;
  sharp.coefficients[0].forEach((value, k) => {
    narrow[(Math.floor(k / sharp.size) + margin) * size + (k % sharp.size) + margin] = value;
  });
  const psf = {
    ...broad,
    degree: 1,
    coefficients: [
      wide.map((value, k) => (value + narrow[k]) / 2),
      wide.map((value, k) => (value - narrow[k]) / 2),
      new Float32Array(size * size),
    ],
  };
  // The matched filter of the profile in the middle.
  const middle = evaluatePsf(psf, (width - 1) / 2, (height - 1) / 2).data;
  const power = middle.reduce((sum, value) => sum + value * value, 0);
  const filter = middle.map((_, k) => middle[middle.length - 1 - k] / power);
  const score = makePlane(width, height);
  const fluxErr = makePlane(width, height);
  for (let k = 0; k < score.data.length; k++) {
    const own = evaluatePsf(psf, k % width, Math.floor(k / width)).data;
    // What the filter makes of a star of 1000 electrons right there.
    score.data[k] = 20 * own.reduce((sum, value, i) => sum + value * filter[own.length - 1 - i], 0);
    fluxErr.data[k] = 50;
  }
  const before = score.data.slice();
  expect(Math.max(...before) / Math.min(...before)).toBeGreaterThan(1.05);
  const response = {
    x: 0,
    y: 0,
    width,
    height,
    size,
    flux: filter,
    answer: [1],
    fluxVarianceFactor: 1,
    difference: filter,
    differenceVarianceFactor: 1,
  };
  const canvas = {
    ...{ score, fluxErr, shared: makePlane(width, height), mask: makeMaskPlane(width, height) },
    ...{ difference: makePlane(width, height), variance: makePlane(width, height) },
  };
  const answer = answerOf(response, psf);
  const none = { light: 0, wings: 0 };
  const calibration = {
    ...{ modelError: 0, wingError: 0, rebuildError: 0, errors: none, errorsOfRebuilt: none },
    ...{ madStd: 1, median: 0 },
  };
  const places = { cores: new Float64Array(0), rebuilt: new Float64Array(0) };
  const parts = [{ x: 0, y: 0, width, height, answer }];
  for (const rows of [
    { first: 0, end: 30 },
    { first: 30, end: height },
  ]) {
    withScratch((scratch) => finishRows(canvas, [], places, parts, calibration, rows, scratch));
  }
  const flux = canvas.shared;
  for (let k = 0; k < flux.data.length; k++) {
    expect(Math.abs(flux.data[k] - 1000)).toBeLessThan(0.01);
    expect(Math.abs(flux.data[k] / fluxErr.data[k] - before[k])).toBeLessThan(1e-4);
  }
  expect(score.data).toEqual(before);
  expect(answerAt({ ...response, answer }, 10, 40, width, height)).toBeGreaterThan(1.01);
});
