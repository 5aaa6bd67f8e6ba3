/**
 * Simulated images against a simulated catalogue: how well coordinates are solved and zeropoints measured.
 *
 * `node tests/quality/calibrate-fields.ts [--seeds 8] [--size 1024] [--outliers 0.2]`
 */
import { parseArgs } from 'node:util';
import {
  calibrateField,
  coneOfField,
  magnitudeOf,
  selectReference,
  starsInCone,
} from '../../core/domains/catalog/index.ts';
import {
  headerNumber,
  parseWcs,
  pixelToSky,
  readExposureFacts,
  simulateField,
  skyToPixel,
} from '../../core/domains/observations/index.ts';
import { preprocessExposure, selectStars } from '../../core/domains/preprocessing/index.ts';
import { createRandom } from '../../core/utils/index.ts';
import { listKnownSky, SKY_TRUTH } from '../support/list-known-sky.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '8' },
    size: { type: 'string', default: '1024' },
    outliers: { type: 'string', default: '0.2' },
  },
});
const sizePx = Number(values.size);
/** Exposures that tell the light that Kron apertures lose. */
const EXPOSURES = 2;

console.log(
  'difficulty seed  stars  rms x,y px   truth rms px  worst px   zeropoint  +-      pull  scatter  colour   used/out  s CPU',
);
const pulls: number[] = [];
const offsets: number[] = [];
for (const difficulty of ['easy', 'survey', 'hard'] as const)
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    const config = { sizePx, seed: 300 + seed, difficulty, transients: 0 };
    const sky = simulateField(config);
    const truth = parseWcs(sky.science.header)!;
    const stars = listKnownSky(sky, { seed, truth: { ...SKY_TRUTH, outliers: Number(values.outliers) } });
    const random = createRandom(seed);
    const half = (sizePx - 1) / 2;
    // Pointing 4 arcmin off at most, scale up to 20 %.
    const off = pixelToSky(
      truth,
      half + 480 * (random.uniform() - 0.5),
      half + 480 * (random.uniform() - 0.5),
    );
    const header = [
      ...sky.science.header.filter(({ keyword }) => !/^(C(TYPE|RPIX|RVAL|UNIT|D\d)|WCSAXES)/.test(keyword)),
      { keyword: 'RA', value: off.raDeg },
      { keyword: 'DEC', value: off.decDeg },
      { keyword: 'PIXSCALE', value: 0.5 * (1 + 0.4 * (random.uniform() - 0.5)) },
    ];
    const facts = readExposureFacts(header, sky.science.pixels);
    const exposure = preprocessExposure({ name: 'science', pixels: sky.science.pixels, header, facts });
    const image = { science: exposure.science, variance: exposure.variance, mask: exposure.mask };
    const field = { ...exposure, image, widthPx: sizePx, heightPx: sizePx };
    const around = selectReference(stars, starsInCone(stars, coneOfField(field)!));
    const before = process.cpuUsage();
    const { wcs, solution, zeropoint, notes } = calibrateField(field, [
      { name: 'panstarrs', kind: 'panstarrs', stars: around },
    ]);
    const { user, system } = process.cpuUsage(before);
    if (wcs === undefined || solution === undefined || zeropoint === undefined) {
      console.log(`${difficulty.padEnd(10)} ${seed}  ${notes.join(' ')}`);
      continue;
    }
    const errors: number[] = [];
    for (let j = 0; j <= 8; j++)
      for (let i = 0; i <= 8; i++) {
        const [x, y] = [(i / 8) * (sizePx - 1), (j / 8) * (sizePx - 1)];
        const { raDeg, decDeg } = pixelToSky(truth, x, y);
        const back = skyToPixel(wcs, raDeg, decDeg)!;
        errors.push(Math.hypot(back.xPx - x, back.yPx - y));
      }
    // What a Kron aperture loses of a star's light belongs to the zeropoint: it is measured from the true fluxes, on other
    // exposures of the same stars, whose noise the zeropoint has not seen.
    const exposureS = headerNumber(header, 'EXPTIME')!;
    const others = Array.from({ length: EXPOSURES }, (_, k) => {
      const { pixels } = simulateField({ ...config, exposure: k + 1 }).science;
      return preprocessExposure({ name: 'again', pixels, header, facts });
    });
    const isolated = others.flatMap(({ sources, fwhmPx }) =>
      selectStars(sources, fwhmPx)
        .filter(({ flags }) => flags === 0)
        .slice(0, 60),
    );
    const losses = isolated.flatMap(({ xPx, yPx, fluxE }) => {
      const star = sky.sources.find(
        (source) => source.kind === 'star' && Math.hypot(source.xPx - xPx, source.yPx - yPx) < 1,
      );
      return star === undefined ? [] : [2.5 * Math.log10(fluxE / star.fluxE)];
    });
    const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
    const loss = middle(losses);
    // A median of so few stars is not the truth either: its error is part of what a pull is measured in.
    const scatter = 1.4826 * middle(losses.map((value) => Math.abs(value - loss)));
    const lossErr = (1.25 * scatter) / Math.sqrt(Math.max(1, losses.length));
    // Over the stars that tell the loss, as it may change over the image.
    const points = isolated.map(({ xPx, yPx }) => magnitudeOf(zeropoint, exposureS, exposureS, xPx, yPx)!);
    const at = points.reduce((sum, value) => sum + value, 0) / points.length;
    const expected =
      SKY_TRUTH.zeropointMag + loss + SKY_TRUTH.colourTerm * ((zeropoint.colourMid ?? 0.6) - 0.6);
    const pull = (at - expected) / Math.hypot(zeropoint.zeropointMagErr, lossErr);
    pulls.push(pull);
    offsets.push(at - expected);
    const rms = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length / 2);
    console.log(
      [
        difficulty.padEnd(10),
        String(seed).padEnd(4),
        String(solution.matched).padStart(6),
        `${solution.rmsXPx.toFixed(3)},${solution.rmsYPx.toFixed(3)}`.padStart(12),
        rms.toFixed(4).padStart(13),
        Math.max(...errors)
          .toFixed(4)
          .padStart(9),
        `${at.toFixed(4)}`.padStart(10),
        zeropoint.zeropointMagErr.toFixed(4).padStart(7),
        pull.toFixed(2).padStart(7),
        zeropoint.scatterMag.toFixed(4).padStart(8),
        zeropoint.colourTerm.toFixed(3).padStart(7),
        `${zeropoint.stars}/${zeropoint.rejected}`.padStart(10),
        ((user + system) / 1e6).toFixed(2).padStart(6),
      ].join(' '),
    );
  }

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
console.log(
  `pulls of the zeropoint: rms ${Math.sqrt(mean(pulls.map((pull) => pull * pull))).toFixed(2)} over ${pulls.length} images, ` +
    `mean offset ${mean(offsets).toFixed(4)} mag`,
);
