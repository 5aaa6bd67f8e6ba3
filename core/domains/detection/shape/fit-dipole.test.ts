import { describe, expect, it } from 'vitest';
import { makeSmallDifference } from '../../../../tests/sky/make-small-difference.ts';
import { DEFAULT_SHAPE_CONFIG } from './config.ts';
import { type DipoleFit, fitDipole } from './fit-dipole.ts';

const TRIALS = 24;

/** Fit a star of some flux that moved by `shiftPx` in as many directions as there are trials. */
function fitMoved(fluxE: number, shiftPx: number): { fit: DipoleFit; angleRad: number }[] {
  return Array.from({ length: TRIALS }, (_, trial) => {
    const angleRad = (2 * Math.PI * trial) / TRIALS;
    const [x, y] = [40 + 0.4 * Math.sin(trial), 40 + 0.4 * Math.cos(3 * trial)];
    const [u, v] = [(shiftPx / 2) * Math.cos(angleRad), (shiftPx / 2) * Math.sin(angleRad)];
    const input = makeSmallDifference({
      science: [{ xPx: x + u, yPx: y + v, fluxE }],
      template: [{ xPx: x - u, yPx: y - v, fluxE }],
      seed: 100 + trial,
    });
    // A dipole is detected at its positive lobe, whose peak is half a FWHM away.
    const point = {
      xPx: x + 1.5 * Math.cos(angleRad),
      yPx: y + 1.5 * Math.sin(angleRad),
      fluxE: 0.2 * fluxE,
    };
    return { fit: fitDipole(input, point, DEFAULT_SHAPE_CONFIG)!, angleRad };
  });
}

const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

describe('fitDipole', () => {
  for (const shiftPx of [0.1, 0.3, 0.5, 1]) {
    it(`recovers a separation of ${shiftPx} px, its direction and both fluxes, within errors that are true`, () => {
      const fits = fitMoved(50_000, shiftPx);
      const along = fits.map(({ fit, angleRad }) => fit.separationPx * Math.cos(fit.angleRad - angleRad));
      const mean = along.reduce((sum, value) => sum + value, 0) / along.length;
      // One star's separation is known to 0.013 px, the mean of 24 to 0.003.
      expect(Math.abs(mean - shiftPx)).toBeLessThan(0.01);
      const pulls = fits.map(({ fit }, k) => (along[k]! - shiftPx) / fit.separationErrPx);
      // The rms of 24 pulls scatters by 14 %.
      expect(rms(pulls)).toBeGreaterThan(0.6);
      expect(rms(pulls)).toBeLessThan(1.4);
      for (const { fit } of fits) {
        expect(Math.abs(fit.positiveFluxE / 50_000 - 1)).toBeLessThan(0.04);
        expect(Math.abs(fit.negativeFluxE / 50_000 - 1)).toBeLessThan(0.04);
      }
      expect(fits.filter(({ fit }) => fit.isDipole).length).toBeGreaterThan(shiftPx < 0.2 ? 12 : TRIALS - 1);
    });
  }

  it('calls no constant star, no new star and no brightening star a dipole', () => {
    const star = { xPx: 40.2, yPx: 39.9, fluxE: 50_000 };
    const cases = [
      { science: [star], template: [star] },
      { science: [star], template: [] },
      { science: [{ ...star, fluxE: 65_000 }], template: [star] },
      { science: [star, { xPx: 41.4, yPx: 40.6, fluxE: 12_000 }], template: [star] },
    ];
    for (const [index, scene] of cases.entries()) {
      for (let seed = 1; seed <= 5; seed++) {
        const fit = fitDipole(
          makeSmallDifference({ ...scene, seed }),
          { xPx: 40.5, yPx: 40.2, fluxE: 10_000 },
          DEFAULT_SHAPE_CONFIG,
        );
        expect(fit?.isDipole ?? false, `case ${index}, seed ${seed}`).toBe(false);
      }
    }
  });

  it('may hold both lobes to one flux', () => {
    const input = makeSmallDifference({
      science: [{ xPx: 40.25, yPx: 40, fluxE: 30_000 }],
      template: [{ xPx: 39.75, yPx: 40, fluxE: 30_000 }],
      seed: 8,
    });
    const config = { ...DEFAULT_SHAPE_CONFIG, hasSeparateFluxes: false };
    const fit = fitDipole(input, { xPx: 41.5, yPx: 40, fluxE: 5000 }, config)!;
    expect(fit.positiveFluxE).toBe(fit.negativeFluxE);
    expect(Math.abs(fit.separationPx - 0.5)).toBeLessThan(0.08);
  });

  it('is undefined where pixels are missing', () => {
    const input = makeSmallDifference({ science: [], template: [], seed: 1 });
    input.template.mask.data.fill(1);
    expect(fitDipole(input, { xPx: 40, yPx: 40, fluxE: 100 }, DEFAULT_SHAPE_CONFIG)).toBeUndefined();
  });
});
