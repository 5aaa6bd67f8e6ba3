import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openFits, writeFits } from '../../core/adapters/imaging/index.ts';
import {
  parseWcs,
  pixelToSky,
  type SimulatedField,
  simulateField,
} from '../../core/domains/observations/index.ts';
import { formatGaia, listKnownSky, SKY_TRUTH } from '../support/list-known-sky.ts';
import { makeSharedFolder, runAstrid } from './run-astrid.ts';

const folder = makeSharedFolder();
const workspace = join(folder, 'workspace');
const bare = join(folder, 'bare.fits');
const solved = join(folder, 'solved.fits');
let sky: SimulatedField;

beforeAll(async () => {
  sky = simulateField({ sizePx: 512, seed: 8, difficulty: 'survey', transients: 0 });
  writeFileSync(join(folder, 'gaia.csv.gz'), formatGaia(listKnownSky(sky)));
  const { pixels, header } = sky.science;
  const kept = header.filter(({ keyword }) => !/^(C(TYPE|RPIX|RVAL|UNIT|D\d)|WCSAXES)/.test(keyword));
  await writeFits(bare, [
    { kind: 'image', shape: [512, 512], data: Uint16Array.from(pixels.data), header: kept },
  ]);
});

/** Largest distance of the corners of a solved image from the truth, px. */
async function worstPx(path: string): Promise<number> {
  const truth = parseWcs(sky.science.header)!;
  const file = await openFits(path);
  const wcs = parseWcs((await file.hdu(0)).header)!;
  await file.close();
  return Math.max(
    ...[
      [0, 0],
      [511, 0],
      [0, 511],
      [511, 511],
    ].map(([x, y]) => {
      const [a, b] = [pixelToSky(wcs, x!, y!), pixelToSky(truth, x!, y!)];
      return (
        (3600 * Math.hypot((a.raDeg - b.raDeg) * Math.cos((b.decDeg * Math.PI) / 180), a.decDeg - b.decDeg)) /
        0.5
      );
    }),
  );
}

describe('astrid with a catalogue', () => {
  test('imports a download of the Gaia archive, solves an image without coordinates, and measures its zeropoint', async () => {
    const imported = await runAstrid([
      'catalog',
      'import',
      join(folder, 'gaia.csv.gz'),
      '--workspace',
      workspace,
    ]);
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    expect(imported.stdout).toMatch(/catalogue gaia: \d+ stars, .* bands G BP RP/);

    const { raDeg, decDeg } = pixelToSky(parseWcs(sky.science.header)!, 400, 100);
    const place = ['--hint', `${raDeg.toFixed(3)},${decDeg.toFixed(3)}`, '--scale', '0.4,0.6'];
    const found = await runAstrid([
      'solve',
      bare,
      ...place,
      '--out',
      solved,
      '--json',
      '--workspace',
      workspace,
    ]);
    expect(found.code).toBe(0);
    expect(JSON.parse(found.stdout)).toMatchObject({
      version: 1,
      by: 'gaia',
      method: 'hint',
      isEastLeft: true,
    });
    expect(await worstPx(solved)).toBeLessThan(0.1);

    const zeropoint = await runAstrid(['zeropoint', solved, '--json', '--workspace', workspace]);
    expect(zeropoint.code).toBe(0);
    const measured = JSON.parse(zeropoint.stdout) as { zeropointMag: number; band: string; stars: number };
    expect(measured.band).toBe('r from G, BP - RP');
    expect(measured.stars).toBeGreaterThan(10);
    // The list says G = r, which no star's colours bear out: the transformation to r is off by what it should be.
    expect(Math.abs(measured.zeropointMag - SKY_TRUTH.zeropointMag)).toBeLessThan(0.3);
  });

  test('finds the image without any hint, once there is an index', async () => {
    const without = await runAstrid(['solve', bare, '--blind', '--workspace', workspace]);
    expect(without).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^catalog\/no-index: .*astrid catalog index/),
    });
    expect(await runAstrid(['catalog', 'index', 'gaia', '--workspace', workspace])).toMatchObject({
      code: 0,
    });
    const found = await runAstrid(['solve', bare, '--blind', '--out', solved, '--workspace', workspace]);
    expect(found).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/stars .* of gaia, odds 1e\d+, by blind/),
    });
    expect(await worstPx(solved)).toBeLessThan(0.1);
  });

  test('says what to do when nothing tells the place, the place is not covered, or a file is no catalogue', async () => {
    const silent = await runAstrid(['solve', bare, '--workspace', workspace]);
    expect(silent).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^catalog\/no-hint: .*--hint RA,DEC/),
    });
    const elsewhere = await runAstrid([
      'solve',
      bare,
      '--hint',
      '10,-80',
      '--scale',
      '0.4,0.6',
      '--workspace',
      workspace,
    ]);
    expect(elsewhere).toMatchObject({ code: 3, stderr: expect.stringMatching(/^catalog\/not-covered: /) });
    writeFileSync(join(folder, 'notes.csv'), 'name,comment\nx,y\n');
    const notes = await runAstrid(['catalog', 'import', join(folder, 'notes.csv'), '--workspace', workspace]);
    expect(notes).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^catalog\/missing-column: .*right ascension.*\(name, comment\)/),
    });
  });
});
