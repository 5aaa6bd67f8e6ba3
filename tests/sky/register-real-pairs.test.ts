import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readExposure } from '../../core/adapters/imaging/index.ts';
import {
  type CalibratedExposure,
  DEFAULT_REGISTRATION,
  mapPixel,
  preprocessExposure,
  registerImages,
  registerTemplate,
} from '../../core/domains/preprocessing/index.ts';
import { createInlineRunner } from '../../core/utils/index.ts';

const folder = '../shared/data/pairs';
const loaded = new Map<string, CalibratedExposure>();

/** Read and preprocess once what several tests use. */
async function load(name: string): Promise<CalibratedExposure> {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const made = preprocessExposure((await readExposure(`${folder}/${name}`)).exposure);
  loaded.set(name, made);
  return made;
}

describe.skipIf(!existsSync(folder))('registration of real pairs (skipped where ../shared is not)', () => {
  test('a crowded bulge field without coordinates, dithered and in other seeing: 0.1 px', async () => {
    const science = await load('moa2013blg475_saao/AKB13475I0100.fits');
    const template = await load('moa2013blg475_saao/AKB13475I0172.fits');
    const { registration, noiseCorrelationFactor } = await registerImages(
      science,
      template,
      DEFAULT_REGISTRATION,
      createInlineRunner(),
    );
    expect(registration.method).toBe('stars');
    expect(registration.matched).toBeGreaterThan(200);
    expect(registration.rmsPx).toBeLessThan(0.15);
    expect(noiseCorrelationFactor).toBeGreaterThan(0.75);
    expect(noiseCorrelationFactor).toBeLessThan(1);
  });

  test('frames of two months, to a third of a pixel even in twice the seeing', async () => {
    const template = await load('moa2013blg475_saao/AKB13475I0172.fits');
    for (const name of ['0001', '0042']) {
      const science = await load(`moa2013blg475_saao/AKB13475I${name}.fits`);
      const registration = registerTemplate(science, template);
      expect(registration.rmsPx, name).toBeLessThan(0.3);
      expect(registration.overlap, name).toBeGreaterThan(0.7);
    }
  });

  test('a sparse field shifted by 81 px', async () => {
    const registration = registerTemplate(await load('goto_zip/3.fits'), await load('goto_zip/4.fits'));
    for (const [x, y] of [
      [100, 100],
      [300, 250],
    ] as const) {
      const there = mapPixel(registration.map, x, y);
      expect(Math.abs(there.xPx - x)).toBeLessThan(3);
      expect(Math.abs(there.yPx - y - 81)).toBeLessThan(3);
    }
    expect(registration.rmsPx).toBeLessThan(0.3);
  });

  test('two epochs with TPV coordinates that are half a pixel apart on the sky', async () => {
    const registration = registerTemplate(
      await load('decam_sfft_2016_2018/4check/Stack-DEC-OBS04.fits'),
      await load('decam_sfft_2016_2018/4check/Stack-DEC-OBS18.fits'),
    );
    expect(registration.method).toBe('wcs+stars');
    // The images' cross-correlation peaks at (-0.43, -0.23).
    const there = mapPixel(registration.map, 128, 128);
    expect(Math.hypot(there.xPx - 128 + 0.43, there.yPx - 128 + 0.23)).toBeLessThan(0.15);
    expect(registration.rmsPx).toBeLessThan(0.3);
  });

  test('images of different fields are refused', async () => {
    const science = await load('moa2013blg475_saao/AKB13475I0100.fits');
    const template = await load('goto_zip/3.fits');
    expect(() => registerTemplate(science, template)).toThrowError(
      expect.objectContaining({ code: 'preprocessing/no-overlap' }),
    );
  });
});
