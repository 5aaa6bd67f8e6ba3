import { writeFits } from '../adapters/imaging/index.ts';
import { openWorkspaceCatalogs } from '../app/open-workspace-catalogs.ts';
import { chooseWorkspace } from '../app/paths.ts';
import {
  type Exposure,
  isWcsKeyword,
  measureOrientation,
  pixelToSky,
  type Wcs,
  writeWcsCards,
} from '../domains/observations/index.ts';
import type { Console } from './console.ts';
import { formatDec, formatRa } from './format-sky.ts';
import { measureExposure } from './measure-exposure.ts';
import { type Found, type SearchOptions, type Size, searchHint, searchSky } from './search-sky.ts';
import { untilStopped } from './until-stopped.ts';

interface SolveOptions extends SearchOptions {
  readonly out?: string;
  readonly workspace?: string;
  readonly json?: boolean;
}

/** Run `astrid solve`. @throws catalog/no-hint, catalog/not-covered and what reading, solving and writing throw */
export async function runSolve(file: string, options: SolveOptions, out: Console): Promise<void> {
  const store = openWorkspaceCatalogs(chooseWorkspace(options.workspace));
  await untilStopped(out, async (signal) => {
    const { raw, exposure } = await measureExposure(file, signal, out);
    const size = { widthPx: raw.pixels.width, heightPx: raw.pixels.height };
    const start = performance.now();
    const found = options.blind
      ? await searchSky(file, exposure, size, store, options, out, signal)
      : await searchHint(file, exposure, size, store, options, out);
    const seconds = (performance.now() - start) / 1000;
    if (options.out !== undefined) {
      await writeSolved(options.out, raw, found.wcs);
      out.say(`written with its coordinates: ${options.out}`);
    }
    if (options.json) out.print(JSON.stringify(reportOf(file, found, size, seconds)));
    else out.print(describeFound(found, size, seconds));
  });
}

/** Write the image as it was read, with the new coordinates in place of the old. */
async function writeSolved(path: string, { pixels, header }: Exposure, wcs: Wcs): Promise<void> {
  const structure =
    /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|BSCALE|BZERO|BLANK|CHECKSUM|DATASUM|END)$/;
  const kept = header.filter(({ keyword }) => !structure.test(keyword) && !isWcsKeyword(keyword));
  const data = pixels.data;
  const isWhole = data.every((value) => Number.isInteger(value) && value >= 0 && value <= 65_535);
  await writeFits(path, [
    {
      kind: 'image',
      shape: [pixels.height, pixels.width],
      data: isWhole ? Uint16Array.from(data) : data,
      header: [...kept, ...writeWcsCards(wcs)],
    },
  ]);
}

function reportOf(file: string, { wcs, solution, by }: Found, { widthPx, heightPx }: Size, seconds: number) {
  const [x, y] = [(widthPx - 1) / 2, (heightPx - 1) / 2];
  const { wcs: _wcs, pairs: _pairs, ...numbers } = solution ?? { wcs, pairs: undefined };
  return {
    version: 1,
    file,
    by,
    ...pixelToSky(wcs, x, y),
    ...measureOrientation(wcs, x, y),
    ...numbers,
    seconds,
    cards: Object.fromEntries(writeWcsCards(wcs).map(({ keyword, value }) => [keyword, value])),
  };
}

function describeFound({ wcs, solution, by }: Found, { widthPx, heightPx }: Size, seconds: number): string {
  const [x, y] = [(widthPx - 1) / 2, (heightPx - 1) / 2];
  const { raDeg, decDeg } = pixelToSky(wcs, x, y);
  const { pixelScaleArcsec, positionAngleDeg, isEastLeft } = measureOrientation(wcs, x, y);
  const place = [
    `centre       ${formatRa(raDeg)} ${formatDec(decDeg)}  (${raDeg.toFixed(6)}, ${decDeg.toFixed(6)})`,
    `scale        ${pixelScaleArcsec.toFixed(5)} arcsec a pixel, +y at ${positionAngleDeg.toFixed(3)} deg, east ${isEastLeft ? 'left' : 'right'} of north`,
  ];
  const time = `time         ${seconds.toFixed(2)} s to solve`;
  if (solution === undefined)
    return [...place, `found        by ${by}, not compared with a catalogue`, time].join('\n');
  const quarters = solution.quadrants
    .map(({ offsetXPx, offsetYPx, count }) => `${offsetXPx.toFixed(3)}, ${offsetYPx.toFixed(3)} (${count})`)
    .join('; ');
  const how = solution.method === 'wcs' ? "the header's WCS" : solution.method;
  return [
    ...place,
    `stars        ${solution.matched} of ${by}, odds 1e${Math.floor(solution.log10Odds)}, by ${how}`,
    `rms          ${solution.rmsXPx.toFixed(3)}, ${solution.rmsYPx.toFixed(3)} px (${solution.rmsArcsec.toFixed(3)} arcsec), distortion of order ${solution.order}`,
    `medians px   ${solution.offsetXPx.toFixed(3)}, ${solution.offsetYPx.toFixed(3)}; quarters ${quarters}`,
    time,
  ].join('\n');
}
