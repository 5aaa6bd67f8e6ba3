import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listKnownSky, SKY_TRUTH } from '../../../tests/support/list-known-sky.ts';
import { writeFits } from '../../adapters/imaging/index.ts';
import { createStagePorts } from '../../app/compose-stages.ts';
import { type Cone, selectReference, starsInCone } from '../../domains/catalog/index.ts';
import {
  type Header,
  headerNumber,
  parseWcs,
  pixelToSky,
  type SimulatedImage,
  simulateField,
} from '../../domains/observations/index.ts';
import { createInlineRunner } from '../../utils/index.ts';
import { DEFAULT_LINE_CONFIG, type LineConfig } from '../config.ts';
import { LINE } from '../line.ts';
import { runStages } from '../run-stages.ts';
import type { StagePorts } from '../stage.ts';

const sky = simulateField({
  sizePx: 512,
  seed: 21,
  difficulty: 'survey',
  transients: 8,
  recipe: { snrRange: [40, 200] },
});
const truth = parseWcs(sky.science.header)!;
const stars = listKnownSky(sky);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'astrid-compare-'));
  await writeImage('science.fits', sky.science, withoutWcs(sky.science.header));
  await writeImage('template.fits', sky.template, sky.template.header);
});
afterAll(() => rm(folder, { recursive: true }));

async function writeImage(name: string, { pixels }: SimulatedImage, header: Header): Promise<void> {
  await writeFits(join(folder, name), [
    { kind: 'image', shape: [pixels.height, pixels.width], data: Uint16Array.from(pixels.data), header },
  ]);
}

/** A header as many telescopes write it: where it pointed and the scale, both not quite true. */
function withoutWcs(header: Header): Header {
  const { raDeg, decDeg } = pixelToSky(truth, 300, 200);
  return [
    ...header.filter(({ keyword }) => !/^(C(TYPE|RPIX|RVAL|UNIT|D\d)|WCSAXES)/.test(keyword)),
    { keyword: 'RA', value: raDeg },
    { keyword: 'DEC', value: decDeg },
    { keyword: 'SECPIX', value: 0.52 },
  ];
}

function portsWith(version: string | undefined): StagePorts {
  return {
    ...createStagePorts(createInlineRunner()),
    catalogs: {
      version: () => version,
      find: async (cone: Cone) => [
        {
          name: 'panstarrs',
          kind: 'panstarrs' as const,
          stars: selectReference(stars, starsInCone(stars, cone)),
        },
      ],
    },
  };
}

const pair = () => ({
  sciencePath: join(folder, 'science.fits'),
  templatePath: join(folder, 'template.fits'),
  options: { allowBandMismatch: false },
});

describe('the line beside a reference catalogue', () => {
  test('gives a science image without coordinates a place on the sky, and each detection its own and a magnitude', async () => {
    const notes: string[] = [];
    const { preprocess, detect } = await runStages(pair(), 'detect', {
      ports: portsWith('one'),
      config: DEFAULT_LINE_CONFIG,
      onNote: (_stage, note) => notes.push(note),
    });
    expect(notes.join()).toMatch(/Coordinates were solved/);
    expect(preprocess!.science.zeropoint!.stars).toBeGreaterThan(15);
    const exposureS = headerNumber(sky.science.header, 'EXPTIME')!;
    let compared = 0;
    for (const { xPx, yPx, fluxE, raDeg, decDeg } of sky.truth) {
      const found = detect.detections.find((one) => Math.hypot(one.xPx - xPx, one.yPx - yPx) < 1);
      if (found === undefined) continue;
      compared++;
      const offArcsec =
        3600 *
        Math.hypot((found.raDeg! - raDeg) * Math.cos((decDeg * Math.PI) / 180), found.decDeg! - decDeg);
      expect(offArcsec).toBeLessThan(0.15);
      const mag = SKY_TRUTH.zeropointMag - 2.5 * Math.log10(Math.abs(fluxE) / exposureS);
      // The PSF's wings beyond its stamp and the zeropoint's own error, beside the noise.
      expect(Math.abs(found.mag! - mag)).toBeLessThan(0.04 + 4 / found.snr);
    }
    expect(compared).toBeGreaterThan(4);
  });

  test('gives the limits of what injected stars show in magnitudes of the catalogue', async () => {
    const config: LineConfig = {
      ...DEFAULT_LINE_CONFIG,
      completeness: { ...DEFAULT_LINE_CONFIG.completeness, injections: 40, hostedFraction: 0 },
    };
    const score: StagePorts['score'] = async (detections) => ({
      scores: detections.map(() => 1),
      modelVersion: 'none',
      executionProvider: 'cpu',
    });
    const { completeness } = await runStages(pair(), 'completeness', {
      ports: { ...portsWith('one'), score },
      config,
    });
    const measured = completeness.completeness!;
    expect(measured.magnitudes).toBe('calibrated');
    const { value: snr50 } = measured.bySnr.at50!;
    const near = measured.injections.filter(({ snr }) => Math.abs(snr / snr50 - 1) < 0.25);
    const perSnr = near.reduce((sum, { fluxE, snr }) => sum + fluxE / snr, 0) / near.length;
    const exposureS = headerNumber(sky.science.header, 'EXPTIME')!;
    const expected = SKY_TRUTH.zeropointMag - 2.5 * Math.log10((perSnr * snr50) / exposureS);
    // Forty stars know where half are found to a tenth, and noise differs that much over the image.
    expect(Math.abs(measured.byMag.at50!.value - expected)).toBeLessThan(0.2);
  });

  test('changes nothing where there is no catalogue or none is wanted', async () => {
    const run = async (ports: StagePorts, isUsed: boolean) =>
      (
        await runStages(pair(), 'preprocess', {
          ports,
          config: { ...DEFAULT_LINE_CONFIG, catalog: { ...DEFAULT_LINE_CONFIG.catalog, isUsed } },
        })
      ).preprocess;
    const bare = await run(createStagePorts(createInlineRunner()), true);
    expect(bare.science.wcs).toBeUndefined();
    expect(await run(portsWith(undefined), true)).toEqual(bare);
    expect(await run(portsWith('one'), false)).toEqual(bare);
    const keyOf = (ports: StagePorts) =>
      JSON.stringify(
        LINE.find(({ name }) => name === 'preprocess')!.config(DEFAULT_LINE_CONFIG, ports, {} as never),
      );
    expect(keyOf(portsWith(undefined))).toBe(keyOf(createStagePorts(createInlineRunner())));
    expect(keyOf(portsWith('one'))).not.toBe(keyOf(portsWith('two')));
  });
});
