import { describe, expect, test } from 'vitest';
import { openFitsBytes, writeFitsBytes } from '../adapters/imaging/index.ts';
import { catalogueTable, describeCatalogue, formatCsv } from './format-catalogue.ts';

const rows = [
  {
    xPx: 1.5,
    yPx: 2,
    snr: 9,
    fluxE: 1000,
    fwhmPx: 3,
    flags: 4,
    areaPx: 12,
    fluxPsfE: undefined,
    raDeg: undefined,
  },
  { xPx: 7, yPx: 8, snr: 5, fluxE: 100, fwhmPx: 3, flags: 0, areaPx: 9, fluxPsfE: 101, raDeg: undefined },
];
const facts = { file: 'night.fits', widthPx: 10, backgroundE: 900, gainEPerAdu: 1.6 };

describe('a catalogue', () => {
  test('as CSV is empty where there is no value, and has no column without any', () => {
    expect(formatCsv(rows)).toBe(
      'xPx,yPx,snr,fluxE,fwhmPx,flags,areaPx,fluxPsfE\n1.5,2,9,1000,3,4,12,\n7,8,5,100,3,0,9,101',
    );
    expect(formatCsv([])).toBe('');
  });

  test('as FITS reads back with its units, types and facts', async () => {
    const file = await openFitsBytes(writeFitsBytes([catalogueTable(rows, facts)]), 'memory');
    const { columns, rowCount, header } = await file.readTable('SOURCES');
    expect(rowCount).toBe(2);
    const of = (name: string) => columns.find((column) => column.name === name)!;
    expect(of('xPx')).toMatchObject({ unit: 'pix', values: Float64Array.of(1.5, 7) });
    expect(of('areaPx')).toMatchObject({ unit: 'pix2', values: Int32Array.of(12, 9) });
    expect(of('fluxPsfE')).toMatchObject({ unit: undefined, values: Float64Array.of(Number.NaN, 101) });
    const cards = Object.fromEntries(header.map(({ keyword, value }) => [keyword, value]));
    expect(cards).toMatchObject({ IMAGE: 'night.fits', BKGLEVEL: 900, GAIN: 1.6 });
  });

  test('for people shows a dash for what was not measured, and the sky only where it is known', () => {
    const lines = describeCatalogue(facts, rows).split('\n');
    expect(lines[0]).toBe('file night.fits, widthPx 10, backgroundE 900, gainEPerAdu 1.6');
    expect(lines[1]).toBe('2 sources, brightest first');
    expect(lines[2]).not.toContain('RA');
    expect(lines[4]!.trim().split(/ +/)).toEqual(['1.500', '2.000', '9.0', '1000', '-', '3.00', '4']);
    expect(describeCatalogue(facts, [{ ...rows[0], raDeg: 10, decDeg: -5 }])).toMatch(
      /10\.000000 +-5\.000000/,
    );
    expect(describeCatalogue(facts, [])).toMatch(/\n0 sources, brightest first$/);
  });
});
