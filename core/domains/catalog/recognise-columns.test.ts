import { describe, expect, test } from 'vitest';
import type { CatalogTable, TableColumn } from './model.ts';
import { recogniseColumns, wantedColumn } from './recognise-columns.ts';

function tableOf(columns: Readonly<Record<string, readonly (number | string)[]>>): CatalogTable {
  const entries = Object.entries(columns);
  return {
    rowCount: entries[0]![1].length,
    names: Object.keys(columns),
    columns: new Map(
      entries.map(([name, values]): [string, TableColumn] => [
        name,
        typeof values[0] === 'number' ? Float64Array.from(values as number[]) : (values as string[]),
      ]),
    ),
  };
}

describe('columns of a reference catalogue', () => {
  test('of the Gaia archive give positions, motions, three bands, errors from signal to noise, and variability', () => {
    const { kind, stars } = recogniseColumns(
      tableOf({
        source_id: ['5929246508730155392', '4583627001381815936'],
        ref_epoch: [2016, 2016],
        ra: [253.4, 271.5],
        dec: [-55.5, 31.2],
        pmra: [-2.95, Number.NaN],
        pmdec: [-3.04, Number.NaN],
        phot_g_mean_mag: [14.18, 12.5],
        phot_g_mean_flux_over_error: [4773.9, 100],
        phot_bp_mean_mag: [14.98, Number.NaN],
        phot_rp_mean_mag: [13.31, 11.9],
        phot_variable_flag: ['NOT_AVAILABLE', 'VARIABLE'],
      }),
      'gaia.csv',
    );
    expect(kind).toBe('gaia');
    expect(stars.ids).toEqual(['5929246508730155392', '4583627001381815936']);
    expect(stars.epochYr).toBe(2016);
    expect(stars.bands.map(({ band }) => band)).toEqual(['G', 'BP', 'RP']);
    expect(stars.bands[0]!.magErr[1]).toBeCloseTo(0.010857, 5);
    expect([...stars.isVariable]).toEqual([0, 1]);
    expect(stars.pmRaMasYr[1]).toBeNaN();
  });

  test("of VizieR's Gaia and Pan-STARRS are told apart although both say Gmag", () => {
    const gaia = tableOf({
      RA_ICRS: [1],
      DE_ICRS: [2],
      Gmag: [15],
      BPmag: [15.5],
      RPmag: [14.4],
      Source: ['7'],
    });
    const panstarrs = tableOf({
      objID: ['190361393344112894'],
      RAJ2000: [1],
      DEJ2000: [2],
      gmag: [15.2],
      e_gmag: [0.01],
      rmag: [14.8],
      imag: [14.6],
      zmag: [14.5],
      ymag: [-999],
    });
    expect(recogniseColumns(gaia, 'a').kind).toBe('gaia');
    const { kind, stars } = recogniseColumns(panstarrs, 'b');
    expect(kind).toBe('panstarrs');
    expect(stars.bands[0]).toMatchObject({ band: 'g' });
    expect(stars.bands[0]!.magErr[0]).toBeCloseTo(0.01, 6);
    // -999 is Pan-STARRS's word for none.
    expect(stars.bands[4]!.mag[0]).toBeNaN();
  });

  test('of MAST, whose epochs are Modified Julian Dates, give the median year', () => {
    const { stars } = recogniseColumns(
      tableOf({
        objID: ['1', '2', '3'],
        raMean: [1, 2, 3],
        decMean: [4, 5, 6],
        rMeanPSFMag: [15, 16, 17],
        epochMean: [56_000, 56_293.5, 57_000],
      }),
      'ps1.csv',
    );
    expect(stars.epochYr).toBeCloseTo(2013.0, 2);
  });

  test('of any other table are told by the case of their bands: Sloan small, Johnson capital', () => {
    const bandsOf = (columns: Readonly<Record<string, readonly number[]>>): string[] =>
      recogniseColumns(tableOf({ ra: [1], dec: [2], ...columns }), 'x.csv').stars.bands.map(
        ({ band }) => band,
      );
    expect(bandsOf({ imag: [15] })).toEqual(['i']);
    expect(bandsOf({ Imag: [15], Vmag: [16], e_Vmag: [0.1] })).toEqual(['V', 'I']);
    expect(bandsOf({ vmag: [16], "r'mag": [15] })).toEqual(['r', 'V']);
    expect(bandsOf({ mag: [12] })).toEqual(['white']);
  });

  test('that lack a position or every magnitude give an error that names the column and what is there', () => {
    expect(() => recogniseColumns(tableOf({ dec: [1], gmag: [12], flux: [3] }), 'x.csv')).toThrow(
      /x\.csv has no column for the right ascension.*ra.*dec, gmag, flux/,
    );
    expect(() => recogniseColumns(tableOf({ ra: [1], dec: [1], flux: [3] }), 'x.csv')).toThrow(
      expect.objectContaining({ code: 'catalog/missing-column' }),
    );
    expect(() => recogniseColumns(tableOf({ ra: [1], dec: [Number.NaN], gmag: [12] }), 'x.csv')).toThrow(
      expect.objectContaining({ code: 'catalog/no-stars' }),
    );
  });

  test('that no star needs are left unread', () => {
    expect(wantedColumn('phot_bp_rp_excess_factor')).toBeUndefined();
    expect(wantedColumn('RAJ2000')).toBe('number');
    expect(wantedColumn('SOURCE_ID')).toBe('text');
  });
});
