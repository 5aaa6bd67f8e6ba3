import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { drawScene, scatterOf, scatterStars, truePsf } from '../../../../tests/golden/zogy-scene.ts';
import { makePlane, type Plane } from '../../../kernels/index.ts';
import { evaluatePsf } from '../psf/evaluate-psf.ts';
import { runZogy, type ZogyInput, type ZogyOutput } from './run-zogy.ts';

/** tests/golden/make-zogy.py: NumPy in float64. */
function readGolden() {
  const facts = JSON.parse(readFileSync('tests/golden/zogy.json', 'utf8'));
  const bytes = readFileSync('tests/golden/zogy.bin');
  const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const planes: Record<string, Plane> = {};
  let at = 0;
  for (const [names, size] of [
    [facts.planes, facts.size],
    [facts.stamps, facts.stampSize],
  ]) {
    for (const name of names) {
      const plane = makePlane(size, size);
      plane.data.set(floats.subarray(at, at + size * size));
      planes[name] = plane;
      at += size * size;
    }
  }
  return { facts, planes };
}

function scoreOf(output: ZogyOutput): Float64Array {
  return Float64Array.from(
    output.scoreScience.data,
    (value, k) => (value - output.scoreTemplate.data[k]) / Math.sqrt(output.scoreVariance.data[k]),
  );
}

const { facts, planes } = readGolden();
const input: ZogyInput = {
  science: planes.science,
  template: planes.template,
  scienceVariance: planes.scienceVariance,
  templateVariance: planes.templateVariance,
  sciencePsf: planes.sciencePsf,
  templatePsf: planes.templatePsf,
  scienceSigma: facts.scienceSigma,
  templateSigma: facts.templateSigma,
  shiftX: 0,
  shiftY: 0,
};

it('agrees with NumPy in float64 to a thousandth where the score exceeds three sigma', () => {
  const output = runZogy(input);
  const score = scoreOf(output);
  let compared = 0;
  planes.score.data.forEach((expected, k) => {
    if (Math.abs(expected) <= 3) return;
    compared++;
    expect(Math.abs(score[k] / expected - 1)).toBeLessThan(1e-3);
    const flux = (output.scoreScience.data[k] - output.scoreTemplate.data[k]) / output.filters.fluxScale;
    expect(Math.abs(flux / planes.flux.data[k] - 1)).toBeLessThan(1e-3);
  });
  expect(compared).toBeGreaterThan(40);
  expect(Math.abs(output.filters.fluxScale / facts.fluxScale - 1)).toBeLessThan(1e-4);
});

it('gives the difference of the paper, but for frequencies at which both profiles vanish', () => {
  const { difference, variance } = runZogy(input);
  const sigma = Math.hypot(facts.scienceSigma, facts.templateSigma);
  let [worst, fromPaper] = [0, 0];
  difference.data.forEach((value, k) => {
    const wanted = planes.difference.data[k];
    worst = Math.max(worst, Math.abs(value - wanted) / sigma);
    fromPaper += (value - planes.differenceOfPaper.data[k]) ** 2 / difference.data.length;
    if (Math.abs(planes.score.data[k]) <= 3) return;
    const scale = Math.max(Math.abs(wanted), Math.sqrt(variance.data[k]));
    expect(Math.abs(value - wanted) / scale).toBeLessThan(1e-3);
  });
  // Kernels end at 2.2 radii of the larger profile.
  expect(worst).toBeLessThan(5e-3);
  // There the paper's equation is zero over zero; ours is a plain sum.
  expect(Math.sqrt(fromPaper) / sigma).toBeLessThan(0.02);
});

it('gives minus the score when science and template change places', () => {
  const forward = scoreOf(runZogy(input));
  const backward = scoreOf(
    runZogy({
      ...input,
      science: input.template,
      template: input.science,
      scienceVariance: input.templateVariance,
      templateVariance: input.scienceVariance,
      sciencePsf: input.templatePsf,
      templatePsf: input.sciencePsf,
      scienceSigma: input.templateSigma,
      templateSigma: input.scienceSigma,
    }),
  );
  const largest = forward.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = forward.reduce((most, value, k) => Math.max(most, Math.abs(value + backward[k])), 0);
  expect(worst / largest).toBeLessThan(1e-5);
});

it('measures the flux of a point source that only the science image has', () => {
  const size = 128;
  const star = { x: 64, y: 64, flux: 5000 };
  const empty = drawScene(size, size, {
    fwhmPx: 3,
    beta: 3,
    sigma: 0,
    throughput: 1,
    stars: [],
    seed: 1,
    sourceNoise: false,
  });
  const science = makePlane(size, size);
  const psf = evaluatePsf(truePsf(3, 3, size, size), 64, 64);
  const half = (psf.width - 1) / 2;
  for (let j = 0; j < psf.width; j++) {
    for (let i = 0; i < psf.width; i++) {
      science.data[(64 + j - half) * size + 64 + i - half] = star.flux * psf.data[j * psf.width + i];
    }
  }
  const output = runZogy({
    ...input,
    science,
    template: empty.science,
    scienceVariance: filled(size, 100),
    templateVariance: filled(size, 64),
    sciencePsf: psf,
    templatePsf: evaluatePsf(truePsf(2.4, 3, size, size), 64, 64),
    scienceSigma: 10,
    templateSigma: 8,
  });
  const at = 64 * size + 64;
  expect(output.scoreScience.data[at] / output.filters.fluxScale / star.flux).toBeCloseTo(1, 4);
  // And the difference image holds the same light.
  const sum = output.difference.data.reduce((a, b) => a + b, 0);
  expect(sum / star.flux).toBeCloseTo(1, 3);
});

it('leaves white noise of unit score where nothing changed', () => {
  const size = 512;
  const draw = (fwhmPx: number, sigma: number, seed: number) =>
    drawScene(size, size, { fwhmPx, beta: 3, sigma, throughput: 1, stars: [], seed });
  const science = draw(3.2, 30, 5);
  const template = draw(2.5, 21, 6);
  const output = runZogy({
    ...input,
    science: science.science,
    template: template.science,
    scienceVariance: science.variance,
    templateVariance: template.variance,
    sciencePsf: evaluatePsf(truePsf(3.2, 3, size, size), 0, 0),
    templatePsf: evaluatePsf(truePsf(2.5, 3, size, size), 0, 0),
    scienceSigma: 30,
    templateSigma: 21,
  });
  // 512^2 px hold some 6000 independent scores: their scatter is known to 1 %; three times that.
  expect(
    Math.abs(scatterOf({ width: size, height: size, data: Float32Array.from(scoreOf(output)) }) - 1),
  ).toBeLessThan(0.03);
  for (const [dx, dy] of [
    [1, 0],
    [0, 1],
    [2, 0],
    [0, 2],
    [3, 0],
    [0, 3],
    [1, 1],
    [2, -1],
  ]) {
    expect(Math.abs(autocorrelation(output.difference, dx, dy))).toBeLessThan(0.02);
  }
});

it('subtracts stars of different seeing to nothing', () => {
  const size = 256;
  const stars = scatterStars(60, size, size, 3000, 4).filter(
    (star) => star.x > 20 && star.y > 20 && star.x < size - 20 && star.y < size - 20,
  );
  const draw = (fwhmPx: number) =>
    drawScene(size, size, { fwhmPx, beta: 3, sigma: 0, throughput: 1, stars, seed: 1, sourceNoise: false });
  const output = runZogy({
    ...input,
    science: draw(3.4).science,
    template: draw(2.6).science,
    scienceVariance: filled(size, 900),
    templateVariance: filled(size, 900),
    sciencePsf: evaluatePsf(truePsf(3.4, 3, size, size), 0, 0),
    templatePsf: evaluatePsf(truePsf(2.6, 3, size, size), 0, 0),
    scienceSigma: 30,
    templateSigma: 30,
  });
  const brightest = Math.max(...stars.map((star) => star.flux));
  const worst = output.scoreScience.data.reduce(
    (most, value, k) =>
      Math.max(most, Math.abs(value - output.scoreTemplate.data[k]) / output.filters.fluxScale),
    0,
  );
  // Light beyond four FWHM, where the PSFs are cut, is 1 % of a star; it differs by less between the images.
  expect(worst / brightest).toBeLessThan(5e-3);
});

function filled(size: number, value: number): Plane {
  const plane = makePlane(size, size);
  plane.data.fill(value);
  return plane;
}

function autocorrelation(plane: Plane, dx: number, dy: number): number {
  const { width, height, data } = plane;
  let sum = 0;
  let power = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = data[y * width + x];
      sum += value * data[((y + dy + height) % height) * width + ((x + dx) % width)];
      power += value * value;
    }
  }
  return sum / power;
}
