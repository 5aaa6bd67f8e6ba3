import { expect, test } from 'vitest';
import { columnNumbers, openFitsBytes, tableColumn, writeFitsBytes } from '../adapters/imaging/index.ts';
import type { LightCurve, MeasuredPoint } from '../pipeline/index.ts';
import { drawLightCurves } from './draw-light-curve.ts';
import { curvesToCsv, curvesToTable, describeCurves } from './format-light-curve.ts';

const point: MeasuredPoint = {
  kind: 'measured',
  path: 'nights/a, first.fits',
  midpointMjdTai: 56470.969644,
  band: 'I',
  xPx: 253,
  yPx: 251.2,
  fluxE: 1500,
  fluxErrE: 20,
  changeE: -300,
  changeErrE: 20,
  changeSnr: -15,
  directE: 1510,
  directErrE: 25,
  limit3E: 60,
  limit5E: 100,
  quality: {
    grade: 'red',
    gradeReasons: ['it is bad'],
    chi2: 1.2,
    maskedFraction: 0,
    negativeFraction: 0.9,
    fwhmPx: 4.2,
    overlap: 0.9,
    registrationRmsPx: 0.1,
    fluxRatio: 0.9,
    fluxRatioErr: 0.01,
    noiseFactor: 1.1,
    flags: ['masked', 'red'],
  },
};
const curve: LightCurve = {
  position: { kind: 'pixel', name: 'event', xPx: 272, yPx: 224 },
  templateFluxE: 1800,
  templateFluxErrE: 30,
  points: [
    point,
    {
      ...point,
      path: 'b.fits',
      midpointMjdTai: 56480,
      fluxE: 2500,
      quality: { ...point.quality, grade: 'green' },
    },
    {
      kind: 'failed',
      path: 'c.fits',
      midpointMjdTai: 56475,
      error: { code: 'preprocessing/no-overlap', message: 'It shows "another" field.', details: {} },
    },
  ],
};

test('CSV has a row a point, negative changes as they are, errors quoted, nothing where nothing is known', () => {
  const [head, first, , failed] = curvesToCsv([curve]).split('\n');
  const names = head!.split(',');
  expect(first!.startsWith('event,"nights/a, first.fits",56470.969644,')).toBe(true);
  const cells = first!.replace('"nights/a, first.fits"', 'file').split(',');
  expect(cells[names.indexOf('changeE')]).toBe('-300');
  expect(cells[names.indexOf('flags')]).toBe('masked red');
  expect(cells[names.indexOf('limitInjectedE')]).toBe('');
  expect(failed!.endsWith('"preprocessing/no-overlap: It shows ""another"" field."')).toBe(true);
});

test('the FITS table can be read back with units', async () => {
  const file = await openFitsBytes(writeFitsBytes([curvesToTable([curve], 't.fits')]), 'curve.fits');
  const table = await file.readTable(1);
  expect(Array.from(columnNumbers(tableColumn(table, 'fluxE')!)!)).toEqual([1500, 2500, Number.NaN]);
  expect(table.columns.find(({ name }) => name === 'xPx')!.unit).toBe('pix');
});

test('people get the curve as a table, failures by their code', () => {
  const text = describeCurves([curve]);
  expect(text).toContain('event: 2 of 3 epochs measured; 1800 ± 30 e- in the template');
  expect(text).toContain('a, first.fits');
  expect(text).toContain('preprocessing/no-overlap');
});

test('the plot has brighter points higher, later ones to the right, and red ones hollow', () => {
  const { width, height, rgba } = drawLightCurves([curve]);
  const middles: [number, number][] = [];
  const isCurve = (x: number, y: number): boolean => rgba[(y * width + x) * 4] === 92;
  // A full disc of seven pixels, or the ring around a hole.
  for (let y = 3; y < height - 3; y++) {
    for (let x = 3; x < width - 3; x++) {
      if (isCurve(x - 3, y) && isCurve(x + 3, y) && isCurve(x, y - 3) && isCurve(x, y + 3))
        middles.push([x, y]);
    }
  }
  // The error bar makes the pixels above and below a middle look like one: take the one between them.
  const columns = [...new Set(middles.map(([x]) => x))].sort((a, b) => a - b);
  expect(columns).toHaveLength(2);
  const [earlier, later] = columns.map((column): [number, number] => {
    const rows = middles.filter(([x]) => x === column).map(([, y]) => y);
    return [column, Math.round(rows.reduce((sum, y) => sum + y, 0) / rows.length)];
  }) as [[number, number], [number, number]];
  expect(later[1]).toBeLessThan(earlier[1]);
  expect(isCurve(later[0], later[1])).toBe(true);
  expect(isCurve(earlier[0], earlier[1])).toBe(false);
});

test('a plot of nothing is an empty frame', () => {
  expect(drawLightCurves([{ ...curve, points: [] }]).rgba.length).toBe(960 * 540 * 4);
});
