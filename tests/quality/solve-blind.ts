/**
 * How often images without any hint are found in an imported region, how fast; and whether images of elsewhere ever are.
 *
 * `node tests/quality/solve-blind.ts [--images 60] [--elsewhere 40] [--side 6] [--density 2500] [--seed 1]`
 */
import { parseArgs } from 'node:util';
import {
  buildQuadIndex,
  coneOfHint,
  selectReference,
  solveBlind,
  starsInCone,
} from '../../core/domains/catalog/index.ts';
import { pixelToSky } from '../../core/domains/observations/index.ts';
import { isAstridError } from '../../core/utils/index.ts';
import { drawSkyRegion, type RegionImage, takeImage } from '../support/draw-sky-region.ts';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '60' },
    elsewhere: { type: 'string', default: '40' },
    side: { type: 'string', default: '6' },
    density: { type: 'string', default: '2500' },
    seed: { type: 'string', default: '1' },
  },
});
const seed = Number(values.seed);
const region = drawSkyRegion(seed, Number(values.side), Number(values.density));
let start = process.cpuUsage();
const seconds = (): number => {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
};
const index = buildQuadIndex(region.stars);
console.log(
  `index: ${index.sizesArcsec.length} figures of ${region.stars.count} stars over ${values.side} x ${values.side} degrees in ${seconds().toFixed(1)} s of CPU`,
);

async function attempt(image: RegionImage): Promise<{ offPx?: number; code?: string; seconds: number }> {
  start = process.cpuUsage();
  try {
    const { wcs } = await solveBlind({ name: 'image', ...image }, index, async (hint) =>
      selectReference(region.stars, starsInCone(region.stars, coneOfHint(hint, image))),
    );
    const found = pixelToSky(wcs, (image.widthPx - 1) / 2, (image.heightPx - 1) / 2);
    const dRa = (((found.raDeg - image.raDeg + 540) % 360) - 180) * Math.cos((image.decDeg * Math.PI) / 180);
    return {
      offPx: (Math.hypot(dRa, found.decDeg - image.decDeg) * 3600) / image.scaleArcsec,
      seconds: seconds(),
    };
  } catch (error) {
    if (!isAstridError(error)) throw error;
    return { code: error.code, seconds: seconds() };
  }
}

const quantile = (numbers: readonly number[], share: number): string =>
  (
    numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(share * numbers.length))] ??
    Number.NaN
  ).toFixed(2);
let found = 0;
let wrong = 0;
const times: number[] = [];
for (let k = 0; k < Number(values.images); k++) {
  const image = takeImage(region, 10_000 * seed + k);
  const result = await attempt(image);
  times.push(result.seconds);
  if (result.offPx !== undefined && result.offPx < 1) found++;
  else if (result.offPx !== undefined) wrong++;
  else {
    const field = (image.scaleArcsec * image.widthPx) / 3600;
    console.log(
      `  not found: ${image.sources.length} sources, ${field.toFixed(2)} degrees, ${result.code}, ${result.seconds.toFixed(2)} s`,
    );
  }
}
console.log(
  `images of the region: ${found} of ${values.images} found, ${wrong} wrong; CPU s median ${quantile(times, 0.5)}, worst ${quantile(times, 1)}`,
);
const other = drawSkyRegion(seed + 500, Number(values.side), Number(values.density));
let believed = 0;
const refusals: number[] = [];
for (let k = 0; k < Number(values.elsewhere); k++) {
  const result = await attempt(takeImage(other, 20_000 * seed + k));
  refusals.push(result.seconds);
  if (result.code === undefined) believed++;
}
console.log(
  `images of elsewhere: ${believed} of ${values.elsewhere} believed; CPU s median ${quantile(refusals, 0.5)}, worst ${quantile(refusals, 1)}`,
);
if (wrong + believed > 0) process.exitCode = 1;
