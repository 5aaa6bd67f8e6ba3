import { beforeAll, describe, expect, test } from 'vitest';
import { makePlane } from '../../kernels/index.ts';
import { createRandom } from '../../utils/random.ts';
import type { Exposure, Header } from '../observations/index.ts';
import { MaskBit, readExposureFacts, simulateField, UNUSABLE } from '../observations/index.ts';
import { DEFAULT_PREPROCESSING } from './config.ts';
import type { CalibratedExposure } from './model.ts';
import { preprocessExposure } from './preprocess-exposure.ts';
import { selectStars } from './select-stars.ts';

const SIZE = 512;
const field = simulateField({ sizePx: SIZE, seed: 11, transients: 5 });

function asExposure(image: typeof field.science, extra: Header = []): Exposure {
  const header = [...image.header, ...extra];
  return {
    name: 'science.fits',
    pixels: image.pixels,
    header,
    facts: readExposureFacts(header, image.pixels),
  };
}

describe('a simulated survey field', () => {
  let calibrated: CalibratedExposure;
  beforeAll(() => {
    calibrated = preprocessExposure(asExposure(field.science));
  });

  test('the width of stars is that of the PSF with the pixel in it', () => {
    const [fwhm] = field.sciencePsf.fwhmPx;
    const onImage = Math.hypot(fwhm, 2.3548 / Math.sqrt(12));
    expect(Math.abs(calibrated.fwhmPx / onImage - 1)).toBeLessThan(0.07);
  });

  test('noise is that of the sky photons and the read noise', () => {
    const expected = Math.sqrt(calibrated.backgroundE + calibrated.facts.readNoiseE ** 2);
    expect(Math.abs(calibrated.backgroundRmsE / expected - 1)).toBeLessThan(0.03);
  });

  test('the variance plane explains the scatter of the sky', () => {
    const { science, variance, mask } = calibrated;
    let chi2 = 0;
    let count = 0;
    for (let i = 0; i < mask.data.length; i++) {
      if (mask.data[i] !== 0) continue;
      chi2 += science.data[i]! ** 2 / variance.data[i]!;
      count++;
    }
    // Faint sources below the threshold add a little.
    expect(chi2 / count).toBeGreaterThan(0.95);
    expect(chi2 / count).toBeLessThan(1.1);
  });

  test('planes are finite and the variance is positive everywhere', () => {
    expect(calibrated.science.data.every(Number.isFinite)).toBe(true);
    expect(calibrated.variance.data.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
  });

  test('counts that are too large for electrons have no data, and leave all planes finite', () => {
    const exposure = asExposure(field.science);
    const pixels = makePlane(SIZE, SIZE);
    pixels.data.set(exposure.pixels.data);
    const places = [100 * SIZE + 100, 100 * SIZE + 101, 300 * SIZE + 17];
    for (const [k, at] of places.entries()) pixels.data[at] = k === 1 ? -3e38 : 3e38;
    const flat = makePlane(SIZE, SIZE);
    flat.data.fill(1);
    flat.data[200 * SIZE + 200] = 0.2;
    // Finite in electrons, not once it is divided by the flat.
    pixels.data[200 * SIZE + 200] = 1e38;
    expect(exposure.facts.gainEPerAdu).toBeGreaterThan(1.2);
    const { science, variance, mask } = preprocessExposure({ ...exposure, pixels }, { flat });
    expect(places.filter((at) => (mask.data[at]! & MaskBit.NO_DATA) === 0)).toEqual([]);
    expect(mask.data[200 * SIZE + 200]! & MaskBit.BAD).not.toBe(0);
    expect(science.data.every(Number.isFinite)).toBe(true);
    expect(variance.data.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
  });

  test('bright lone stars are where they were drawn and as bright', () => {
    const stars = field.sources.filter(
      (star) =>
        star.kind === 'star' &&
        star.fluxE > 5000 &&
        star.fluxE < 400_000 &&
        Math.min(star.xPx, star.yPx, SIZE - star.xPx, SIZE - star.yPx) > 20 &&
        field.sources.every(
          (other) =>
            other === star ||
            other.fluxE < 0.02 * star.fluxE ||
            Math.hypot(other.xPx - star.xPx, other.yPx - star.yPx) > 18,
        ),
    );
    expect(stars.length).toBeGreaterThan(7);
    const matched = stars.map((star) => ({
      star,
      source: calibrated.sources.find(
        (source) =>
          (source.maskBits & UNUSABLE) === 0 &&
          Math.hypot(source.xPx - star.xPx, source.yPx - star.yPx) < 0.5,
      ),
    }));
    const found = matched.filter(({ source }) => source !== undefined);
    expect(found.length / stars.length).toBeGreaterThan(0.85);
    const offsets = found.map(({ star, source }) =>
      Math.hypot(source!.xPx - star.xPx, source!.yPx - star.yPx),
    );
    expect(offsets.sort((a, b) => a - b)[offsets.length >> 1]).toBeLessThan(0.05);
    const ratios = found.map(({ star, source }) => source!.fluxE / star.fluxE).sort((a, b) => a - b);
    // A Kron aperture holds about 94 % of a Moffat profile's light.
    expect(ratios[ratios.length >> 1]).toBeGreaterThan(0.88);
    expect(ratios[ratios.length >> 1]).toBeLessThan(1.03);
  });

  test('cosmic rays and bad columns that were added are masked', () => {
    const isMasked = (x: number, y: number, bits: number): boolean => {
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          if ((calibrated.mask.data[(Math.round(y) + dy) * SIZE + Math.round(x) + dx]! & bits) !== 0)
            return true;
        }
      }
      return false;
    };
    // Some that were drawn left next to no charge.
    const isVisible = (x: number, y: number): boolean => {
      let brightest = 0;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const adu = field.science.pixels.data[(Math.round(y) + dy) * SIZE + Math.round(x) + dx]!;
          brightest = Math.max(brightest, adu * calibrated.facts.gainEPerAdu - calibrated.backgroundE);
        }
      }
      return brightest > 8 * calibrated.backgroundRmsE;
    };
    const hits = field.artefacts.filter(
      ({ kind, xPx, yPx }) => (kind === 'cosmic-ray' || kind === 'hot-pixel') && isVisible(xPx, yPx),
    );
    const columns = field.artefacts.filter((artefact) => artefact.kind === 'bad-column');
    expect(hits.length + columns.length).toBeGreaterThan(2);
    expect(hits.filter((hit) => !isMasked(hit.xPx, hit.yPx, UNUSABLE))).toEqual([]);
    expect(columns.filter((column) => !isMasked(column.xPx, column.yPx, MaskBit.BAD))).toEqual([]);
  });

  test('the stars that are chosen are stars, lone and unsaturated', () => {
    const chosen = selectStars(calibrated.sources, calibrated.fwhmPx);
    expect(chosen.length).toBeGreaterThan(10);
    const real = chosen.filter((source) =>
      field.sources.some(
        (star) => star.kind === 'star' && Math.hypot(star.xPx - source.xPx, star.yPx - source.yPx) < 1,
      ),
    );
    expect(real.length / chosen.length).toBeGreaterThan(0.9);
    expect(chosen.every((source) => (source.maskBits & UNUSABLE) === 0)).toBe(true);
  });

  test('the same exposure gives the same result', () => {
    const again = preprocessExposure(asExposure(field.science));
    expect(again.sources).toEqual(calibrated.sources);
    expect(again.metrics).toEqual(calibrated.metrics);
  });

  test('an exposure that may be written over gives the same result in its own memory, and else is left as it was', () => {
    const exposure = asExposure(field.science);
    const before = exposure.pixels.data.slice();
    preprocessExposure(exposure);
    expect(exposure.pixels.data).toEqual(before);
    const spent = { ...exposure, pixels: { ...exposure.pixels, data: before } };
    const over = preprocessExposure(spent, {}, DEFAULT_PREPROCESSING, true);
    expect(over.science.data.buffer).toBe(before.buffer);
    expect(over.science.data).toEqual(calibrated.science.data);
    expect(over.variance.data).toEqual(calibrated.variance.data);
    expect(over.mask.data).toEqual(calibrated.mask.data);
    expect(over.sources).toEqual(calibrated.sources);
  });

  test('counts in other units with a gain to match give the same electrons', () => {
    const pixels = makePlane(SIZE, SIZE);
    for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = field.science.pixels.data[i]! / 1000;
    const exposure = asExposure(field.science);
    const scaled = preprocessExposure({
      ...exposure,
      pixels,
      facts: {
        ...exposure.facts,
        gainEPerAdu: exposure.facts.gainEPerAdu * 1000,
        saturationAdu: exposure.facts.saturationAdu! / 1000,
      },
    });
    expect(scaled.sources.length / calibrated.sources.length).toBeCloseTo(1, 1);
    // Only whole numbers tell how they were rounded: a median of fractions is wrong by half a count, a mode 2.5 times that.
    expect(Math.abs(scaled.backgroundE - calibrated.backgroundE)).toBeLessThan(
      1.25 * exposure.facts.gainEPerAdu,
    );
    expect(scaled.sources[0]!.fluxE / calibrated.sources[0]!.fluxE).toBeCloseTo(1, 3);
  });

  test('a sky that was subtracted before changes neither noise nor sources', () => {
    const pixels = makePlane(SIZE, SIZE);
    const { gainEPerAdu } = calibrated.facts;
    const level = calibrated.backgroundE / gainEPerAdu;
    for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = field.science.pixels.data[i]! - level;
    const subtracted = preprocessExposure({ ...asExposure(field.science), pixels });
    expect(Math.abs(subtracted.backgroundE)).toBeLessThan(3);
    expect(subtracted.backgroundRmsE / calibrated.backgroundRmsE).toBeCloseTo(1, 2);
    expect(subtracted.metrics.cosmicRayPixels! / calibrated.metrics.cosmicRayPixels!).toBeCloseTo(1, 0);
    expect(Math.abs(subtracted.sources.length / calibrated.sources.length - 1)).toBeLessThan(0.03);
  });

  test('a combined image is not searched for cosmic rays, and says so', () => {
    const combined = preprocessExposure(asExposure(field.science, [{ keyword: 'NCOMBINE', value: 4 }]));
    expect(combined.metrics.cosmicRayPixels).toBe(0);
    expect(combined.notes.join(' ')).toContain('NCOMBINE = 4');
  });
});

describe('difficult fields', () => {
  test('in a crowd the noise is that of the pixels, not of the faint stars', () => {
    const random = createRandom(6);
    const pixels = makePlane(256, 256);
    const [sky, gain, readNoise] = [600, 1.9, 5];
    pixels.data.fill(sky * gain);
    for (let i = 0; i < 2600; i++) {
      const [x0, y0] = [256 * random.uniform(), 256 * random.uniform()];
      const flux = 1500 * (1 - random.uniform()) ** -0.9;
      for (let y = Math.max(0, Math.floor(y0) - 9); y <= Math.min(255, y0 + 9); y++) {
        for (let x = Math.max(0, Math.floor(x0) - 9); x <= Math.min(255, x0 + 9); x++) {
          const r2 = (x - x0) ** 2 + (y - y0) ** 2;
          pixels.data[y * 256 + x]! += (flux / (2 * Math.PI * 3.2)) * Math.exp(-r2 / 6.4);
        }
      }
    }
    for (let i = 0; i < pixels.data.length; i++) {
      pixels.data[i] = Math.round((random.poisson(pixels.data[i]!) + readNoise * random.normal()) / gain);
    }
    const facts = { gainEPerAdu: gain, readNoiseE: readNoise, notes: [] };
    const crowd = preprocessExposure({ name: 'bulge.fits', pixels, header: [], facts });
    const expected = Math.sqrt(sky * gain + readNoise ** 2);
    expect(crowd.metrics.sourceCover).toBeGreaterThan(0.25);
    expect(crowd.metrics.skyScatterE).toBeGreaterThan(1.3 * expected);
    expect(Math.abs(crowd.backgroundRmsE / expected - 1)).toBeLessThan(0.15);
    expect(crowd.sources.length).toBeGreaterThan(150);
    expect(crowd.metrics.streaks).toBe(0);
  });

  test('stars hardly wider than a pixel survive the search for cosmic rays', () => {
    const random = createRandom(12);
    const pixels = makePlane(256, 256);
    pixels.data.fill(300);
    const stars: number[] = [];
    for (let i = 0; i < 90; i++) {
      const [x0, y0] = [14 + 228 * random.uniform(), 14 + 228 * random.uniform()];
      const flux = 10 ** (3.3 + 2 * random.uniform());
      stars.push(Math.round(y0) * 256 + Math.round(x0));
      for (let y = Math.round(y0) - 5; y <= Math.round(y0) + 5; y++) {
        for (let x = Math.round(x0) - 5; x <= Math.round(x0) + 5; x++) {
          let sum = 0;
          for (let k = 0; k < 49; k++) {
            const r2 = (x - x0 + ((k % 7) - 3) / 7) ** 2 + (y - y0 + (Math.floor(k / 7) - 3) / 7) ** 2;
            sum += Math.exp(-r2 / (2 * 0.6 ** 2));
          }
          pixels.data[y * 256 + x]! += (flux * sum) / 49 / (2 * Math.PI * 0.6 ** 2);
        }
      }
    }
    for (let i = 0; i < pixels.data.length; i++)
      pixels.data[i] = random.poisson(pixels.data[i]!) + 5 * random.normal();
    const facts = { gainEPerAdu: 1, readNoiseE: 5, notes: [] };
    const { mask, fwhmPx } = preprocessExposure({ name: 'hst.fits', pixels, header: [], facts });
    const eaten = stars.filter((at) => (mask.data[at]! & MaskBit.CR) !== 0);
    expect(eaten.length).toBeLessThanOrEqual(2);
    expect(fwhmPx).toBeGreaterThan(1.3);
    expect(fwhmPx).toBeLessThan(1.9);
  });

  test('a large galaxy is not taken for sky', () => {
    const random = createRandom(13);
    const pixels = makePlane(512, 512);
    let light = 0;
    for (let y = 0; y < 512; y++) {
      for (let x = 0; x < 512; x++) {
        const galaxy = 900 * Math.exp(-Math.hypot((x - 256) / 24, (y - 250) / 14));
        light += galaxy;
        const level = 500 + galaxy;
        pixels.data[y * 512 + x] = level + Math.sqrt(level) * random.normal();
      }
    }
    const facts = { gainEPerAdu: 1, readNoiseE: 3, notes: [] };
    const { sources, backgroundE } = preprocessExposure({ name: 'galaxy.fits', pixels, header: [], facts });
    expect(Math.abs(backgroundE - 500)).toBeLessThan(2);
    const [galaxy] = sources;
    expect(Math.hypot(galaxy!.xPx - 256, galaxy!.yPx - 250)).toBeLessThan(1);
    expect(galaxy!.fluxE / light).toBeGreaterThan(0.85);
    expect(galaxy!.fluxE / light).toBeLessThan(1.05);
  });

  test('whole numbers of little noise, an overscan beside them, have the sky that was drawn', () => {
    const random = createRandom(15);
    const pixels = makePlane(272, 256);
    const [bias, gain, noise] = [300, 1.7, 1.5];
    const level = (x: number): number => 40 + 0.01 * x;
    for (let y = 0; y < 256; y++) {
      for (let x = 0; x < 272; x++) {
        const light = x < 256 ? level(x) : 0;
        pixels.data[y * 272 + x] = Math.round(bias + light + noise * random.normal());
      }
    }
    const header = [
      { keyword: 'TRIMSEC', value: '[1:256,1:256]' },
      { keyword: 'BIASSEC', value: '[257:272,1:256]' },
    ];
    const facts = { gainEPerAdu: gain, readNoiseE: 2, notes: [] };
    const { science, mask } = preprocessExposure({ name: 'whole.fits', pixels, header, facts });
    let sum = 0;
    let count = 0;
    const columns = new Float64Array(4);
    const counts = new Float64Array(4);
    for (let i = 0; i < mask.data.length; i++) {
      if ((mask.data[i]! & UNUSABLE) !== 0) continue;
      columns[Math.floor((i % 256) / 64)]! += science.data[i]! / gain;
      counts[Math.floor((i % 256) / 64)]!++;
      sum += science.data[i]! / gain;
      count++;
    }
    // What is left above the sky, in ADU: 16 384 pixels of noise 1.5 know it to 0.012, and the mode to 0.03.
    expect(Math.abs(sum / count)).toBeLessThan(0.06);
    for (let k = 0; k < 4; k++) expect(Math.abs(columns[k]! / counts[k]!)).toBeLessThan(0.12);
  });

  test('an image without a single source still has sky, noise and a note', () => {
    const random = createRandom(14);
    const pixels = makePlane(128, 96);
    for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = 200 + 10 * random.normal();
    const facts = { gainEPerAdu: 1, readNoiseE: 3, notes: [] };
    const empty = preprocessExposure({ name: 'dark.fits', pixels, header: [], facts });
    expect(empty.backgroundE).toBeCloseTo(200, 0);
    expect(empty.backgroundRmsE).toBeCloseTo(10, 0);
    expect(empty.notes.join(' ')).toContain('Fewer than three clean sources');
  });
});

describe('an image that was interpolated before it came here', () => {
  test('has errors of aperture fluxes that count the noise its pixels share', () => {
    const plain = preprocessExposure(asExposure(field.science));
    const told = preprocessExposure(asExposure(field.science, [{ keyword: 'NOISECOR', value: 0.88 }]));
    expect(plain.noiseCorrelationFactor).toBe(1);
    expect(told.noiseCorrelationFactor).toBe(0.88);
    expect(told.sources).toHaveLength(plain.sources.length);
    told.sources.forEach((source, k) => {
      expect(source.fluxErrE * 0.88).toBeCloseTo(plain.sources[k]!.fluxErrE, 6);
      expect(source.snr / 0.88).toBeCloseTo(plain.sources[k]!.snr, 6);
    });
    const nonsense = preprocessExposure(asExposure(field.science, [{ keyword: 'NOISECOR', value: 8 }]));
    expect(nonsense.noiseCorrelationFactor).toBe(1);
  });
});
