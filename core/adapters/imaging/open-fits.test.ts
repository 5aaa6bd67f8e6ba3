import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headerCard } from '../../domains/observations/index.ts';
import type { ColumnValues, FitsArray, FitsTable, HduSummary, TableColumn } from './index.ts';
import { type FitsFile, openFits } from './index.ts';

type GoldenNumber = number | string | null;

interface GoldenImage {
  readonly finite: number;
  readonly nan: number;
  readonly min: GoldenNumber;
  readonly max: GoldenNumber;
  readonly sum: GoldenNumber;
  readonly weighted: GoldenNumber;
  readonly samples: readonly (readonly [number, GoldenNumber])[];
}

type GoldenCell = GoldenNumber | boolean | readonly GoldenCell[];

interface GoldenTable {
  readonly rows: number;
  /** Which rows `cells` holds. */
  readonly shown: readonly number[];
  readonly columns: readonly {
    readonly name: string;
    readonly cells?: readonly GoldenCell[];
  }[];
}

interface GoldenHdu {
  readonly kind: HduSummary['kind'];
  readonly header: Readonly<Record<string, string | number | boolean>>;
  readonly shape?: readonly number[];
  readonly bitpix?: number;
  readonly image?: GoldenImage;
  readonly table?: GoldenTable;
}

interface GoldenFile {
  readonly hdus?: readonly GoldenHdu[];
  readonly error?: string;
}

interface Golden {
  readonly madeBy: string;
  readonly made: Readonly<Record<string, GoldenFile>>;
  readonly shared: Readonly<Record<string, GoldenFile>>;
}

const golden: Golden = JSON.parse(readFileSync('tests/golden/fits.json', 'utf8'));
const shared = '../shared/data';

function asNumber(value: GoldenNumber): number {
  if (value === 'nan') return Number.NaN;
  if (value === 'inf') return Number.POSITIVE_INFINITY;
  if (value === '-inf') return Number.NEGATIVE_INFINITY;
  return Number(value);
}

function expectPixels(array: FitsArray, image: GoldenImage, singleStep: boolean): void {
  // Of 8- and 16-bit integers with BSCALE astropy makes 32-bit floats in two rounded steps; we round once, in double.
  const tolerance = singleStep ? 1e-12 : 2e-7;
  const near = (value: number, wanted: GoldenNumber, size = Math.abs(asNumber(wanted))) => {
    if (Number.isFinite(asNumber(wanted)))
      expect(Math.abs(value - asNumber(wanted))).toBeLessThanOrEqual(tolerance * size);
    else expect(value).toBe(asNumber(wanted));
  };
  let finite = 0;
  let nan = 0;
  let sum = 0;
  let magnitude = 0;
  let weighted = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < array.data.length; i++) {
    const value = Number(array.data[i]);
    if (Number.isNaN(value)) nan++;
    if (!Number.isFinite(value)) continue;
    finite++;
    sum += value;
    magnitude += Math.abs(value);
    weighted += value * ((i % 97) + 1);
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  expect({ finite, nan }).toEqual({ finite: image.finite, nan: image.nan });
  for (const [at, wanted] of image.samples) {
    if (typeof wanted === 'string' && /^-?\d/.test(wanted)) expect(String(array.data[at])).toBe(wanted);
    else near(Number(array.data[at]), wanted);
  }
  if (finite === 0) return;
  near(least, image.min);
  near(most, image.max);
  near(sum, image.sum, magnitude);
  near(weighted, image.weighted, magnitude * 97);
}

function cellOf(column: TableColumn, row: number): unknown[] {
  const values: ColumnValues = column.isVariable ? column.rows[row]! : column.values;
  const width =
    (column.isVariable ? values.length : column.repeat) *
    (column.kind === 'complex' && !column.isVariable ? 2 : 1);
  const from = column.isVariable ? 0 : row * width;
  return Array.from(values as ArrayLike<unknown>).slice(from, from + width);
}

/** Flatten, and say values as the golden file does. */
function plain(value: unknown, kind: TableColumn['kind']): unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => plain(each, kind));
  if (kind === 'logical') return [value === true];
  if (kind === 'bits') return [Boolean(value)];
  if (typeof value === 'bigint') return [Number.isSafeInteger(Number(value)) ? Number(value) : String(value)];
  if (typeof value === 'number' && !Number.isFinite(value))
    return [String(value).toLowerCase().replace('infinity', 'inf')];
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return [value];
  return [typeof value === 'string' && kind === 'text' ? value.trimEnd() : value];
}

function expectTable(table: FitsTable, wanted: GoldenTable): void {
  expect(table.rowCount).toBe(wanted.rows);
  expect(table.columns.map(({ name }) => name)).toEqual(wanted.columns.map(({ name }) => name));
  for (const [i, { name, cells }] of wanted.columns.entries()) {
    const column = table.columns[i]!;
    for (const [at, row] of wanted.shown.entries()) {
      if (cells === undefined) continue;
      // astropy gives the characters of a variable-length string one by one.
      const isText = column.isVariable && column.kind === 'text';
      const golden = isText ? [(cells[at] as string[]).join('')] : plain(cells[at], column.kind);
      const found = plain(cellOf(column, row), column.kind);
      expect(found.length, `${name}[${row}]`).toBe(golden.length);
      for (const [k, value] of golden.entries()) {
        // astropy scales columns in their own width.
        if (typeof value === 'number')
          expect(found[k], `${name}[${row}]`).toSatisfy((each) => near(each, value));
        else expect(found[k], `${name}[${row}]`).toBe(value);
      }
    }
  }
}

function near(found: unknown, wanted: number): boolean {
  return Math.abs(Number(found) - wanted) <= 1e-7 * Math.abs(wanted);
}

function describeAgreement(title: string, folder: string, files: Readonly<Record<string, GoldenFile>>): void {
  describe.skipIf(!existsSync(folder))(title, () => {
    for (const [name, wanted] of Object.entries(files)) {
      const { hdus } = wanted;
      if (hdus === undefined) continue;
      describe(name, () => {
        let file: FitsFile;
        beforeAll(async () => {
          file = await openFits(`${folder}/${name}`);
        });
        afterAll(() => file?.close());

        it('has the HDUs, shapes and header values that astropy finds', async () => {
          const found = await file.hdus();
          expect(found.map(({ kind }) => kind)).toEqual(hdus.map(({ kind }) => kind));
          for (const [i, hdu] of hdus.entries()) {
            const { shape, bitpix, header } = found[i]!;
            if (hdu.shape !== undefined) expect(shape).toEqual(hdu.shape);
            if (hdu.bitpix !== undefined && hdu.kind !== 'unknown') expect(bitpix).toBe(hdu.bitpix);
            for (const [keyword, value] of Object.entries(hdu.header)) {
              const card = headerCard(header, keyword);
              expect({ keyword, value: card?.raw ?? card?.value ?? '' }).toEqual({ keyword, value });
            }
          }
        });

        const tables = hdus.flatMap(({ table }, index) => (table === undefined ? [] : [{ table, index }]));
        if (tables.length > 0)
          it('has the columns and cells that astropy reads', async () => {
            for (const { table, index } of tables) expectTable(await file.readTable(index), table);
          });

        const images = hdus.flatMap(({ image }, index) => (image === undefined ? [] : [{ image, index }]));
        if (images.length > 0)
          it('has the pixels that astropy reads', async () => {
            for (const { image, index } of images) {
              const array = await file.readImageExact(index);
              const isScaledShort =
                Math.abs(array.header.length) > 0 && [8, 16].includes((await file.hdu(index)).bitpix);
              expectPixels(array, image, !isScaledShort);
            }
          });
      });
    }
  });
}

describeAgreement(`Files of every compression option (${golden.madeBy})`, 'tests/golden/fits', golden.made);
describeAgreement(`Files of other programs (${golden.madeBy})`, shared, golden.shared);
