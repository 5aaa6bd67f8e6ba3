import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readExposure } from '../../core/adapters/imaging/index.ts';
import { MaskBit } from '../../core/domains/observations/index.ts';
import {
  type CalibratedExposure,
  preprocessExposure,
  selectStars,
} from '../../core/domains/preprocessing/index.ts';

const DATA = '../shared/data';

async function calibrate(path: string): Promise<CalibratedExposure> {
  const { exposure } = await readExposure(`${DATA}/${path}`);
  return preprocessExposure(exposure);
}

function expectSound({ science, variance, mask, sources, metrics }: CalibratedExposure): void {
  expect(science.data.every(Number.isFinite)).toBe(true);
  expect(variance.data.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
  expect(mask.data).toHaveLength(science.data.length);
  expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  expect(sources.every((source) => Object.values(source).every(Number.isFinite))).toBe(true);
}

/**
 * What each real exposure is known to be like. FWHM: from the area above half maximum of bright lone stars (MOA), the
 * header (DECam) or by eye; noise: from gain and sky.
 */
const exposures = [
  { path: 'pairs/moa2013blg475_saao/AKB13475I0100.fits', fwhm: 3.71, noiseE: 34.4, stars: 60, streaks: 0 },
  { path: 'pairs/moa2013blg475_saao/AKB13475I0070.fits', fwhm: 4.09, noiseE: 166.8, stars: 20, streaks: 1 },
  {
    path: 'pairs/decam_sfft_2016_2018/4check/Stack-DEC-OBS04.fits',
    fwhm: 5.23,
    noiseE: 29.3,
    stars: 3,
    streaks: 0,
  },
  {
    path: 'pairs/decam_sfft_2016_2018/4check/Stack-DEC-OBS18.fits',
    fwhm: 3.85,
    noiseE: 73.7,
    stars: 3,
    streaks: 0,
  },
  { path: 'pairs/eso085-030_properimage/aligned_eso085-030-005.fit', fwhm: 2.8, stars: 60, streaks: 0 },
  { path: 'pairs/goto_zip/3.fits', fwhm: 6.4, stars: 15, streaks: 0 },
  { path: 'single/sep/image.fits', fwhm: 2.1, stars: 4, streaks: 0 },
  { path: 'raw/streak_ystar_saao_long.fits', fwhm: 3.9, stars: 30, streaks: 1 },
  { path: 'raw/ossos/cutout-1616687p.fits', fwhm: 4.4, stars: 1, streaks: 0 },
] as const;

describe('real exposures', () => {
  test.each(exposures)(
    '$path: seeing, noise, stars and trails are what they are known to be',
    async (known) => {
      if (!existsSync(`${DATA}/${known.path}`)) return;
      const calibrated = await calibrate(known.path);
      expectSound(calibrated);
      expect(Math.abs(calibrated.fwhmPx / known.fwhm - 1)).toBeLessThan(0.15);
      if ('noiseE' in known)
        expect(Math.abs(calibrated.backgroundRmsE / known.noiseE - 1)).toBeLessThan(0.06);
      expect(selectStars(calibrated.sources, calibrated.fwhmPx).length).toBeGreaterThanOrEqual(known.stars);
      expect(calibrated.metrics.streaks).toBe(known.streaks);
    },
  );

  test.skipIf(!existsSync(`${DATA}/raw/saao_a8280271.fits`))(
    'a raw frame is trimmed, its overscan subtracted and its unexposed rows left out',
    async () => {
      const calibrated = await calibrate('raw/saao_a8280271.fits');
      expectSound(calibrated);
      expect([calibrated.science.width, calibrated.science.height]).toEqual([512, 520]);
      expect(calibrated.backgroundE / calibrated.facts.gainEPerAdu).toBeCloseTo(86, -1);
      expect(calibrated.mask.data[518 * 512 + 200]! & MaskBit.EDGE).not.toBe(0);
      expect(calibrated.mask.data[500 * 512 + 200]! & MaskBit.EDGE).toBe(0);
    },
  );

  test.skipIf(!existsSync(`${DATA}/raw/lco_mef_raw_2021SO2.fits`))(
    'one amplifier of a raw multi-extension frame is trimmed by its own sections',
    async () => {
      const calibrated = await calibrate('raw/lco_mef_raw_2021SO2.fits');
      expectSound(calibrated);
      expect([calibrated.science.width, calibrated.science.height]).toEqual([512, 512]);
      expect(calibrated.facts.gainEPerAdu).toBeCloseTo(6.42, 6);
      expect(calibrated.facts.band).toBe('w');
    },
  );

  test.skipIf(!existsSync(`${DATA}/pairs/eso085-030_properimage`))(
    'bad columns and the large galaxy of a raw frame are told apart',
    async () => {
      const { mask, sources } = await calibrate('pairs/eso085-030_properimage/aligned_eso085-030-005.fit');
      const bad = mask.data.reduce((sum, bits) => sum + (bits & MaskBit.BAD ? 1 : 0), 0);
      expect(bad).toBeGreaterThan(200);
      expect(bad).toBeLessThan(1500);
      const galaxy = sources.find((source) => Math.hypot(source.xPx - 510, source.yPx - 337) < 12)!;
      expect(galaxy.halfLightRadiusPx).toBeGreaterThan(10);
    },
  );
});
