import type { TableToWrite } from '../adapters/imaging/index.ts';
import type { Card } from '../domains/observations/index.ts';
import { count, formatTable } from './console.ts';

/** One source as `astrid extract` gives it; positions are zero-based pixels; what could not be measured is absent. */
export interface CatalogueRow {
  readonly [column: string]: number | undefined;
}

/** What is known of the image as a whole. */
export type CatalogueFacts = Readonly<Record<string, number | string>>;

/** Columns that hold whole numbers. */
const WHOLE = new Set(['areaPx', 'flags', 'maskBits']);

/** Units by how a column's name ends, longest first. Electrons are none that FITS knows: a COMMENT tells of them. */
const UNITS: readonly (readonly [ending: string, unit: string])[] = [
  ['areaPx', 'pix2'],
  ['Px', 'pix'],
  ['Deg', 'deg'],
  ['Rad', 'rad'],
];

/** Cards of a catalogue's table, by the fact that each tells. */
const FACT_CARDS: readonly (readonly [fact: string, keyword: string, comment: string])[] = [
  ['file', 'IMAGE', 'measured image'],
  ['backgroundE', 'BKGLEVEL', '[electron] median sky'],
  ['backgroundRmsE', 'BKGRMS', '[electron] rms of the sky'],
  ['fwhmPx', 'FWHM', '[pix] median of point sources'],
  ['gainEPerAdu', 'GAIN', '[electron/adu] as used'],
];

/** Write a catalogue as CSV, empty where there is no value. */
export function formatCsv(rows: readonly CatalogueRow[]): string {
  const columns = columnsOf(rows);
  return [columns.join(), ...rows.map((row) => columns.map((name) => row[name] ?? '').join())].join('\n');
}

/** Lay a catalogue out as a FITS table with units; facts of the image become cards. */
export function catalogueTable(rows: readonly CatalogueRow[], facts: CatalogueFacts): TableToWrite {
  return {
    kind: 'table',
    extname: 'SOURCES',
    header: [
      ...FACT_CARDS.flatMap(([name, keyword, comment]): Card[] => {
        const value = facts[name];
        return value === undefined ? [] : [{ keyword, value, comment }];
      }),
      {
        keyword: 'COMMENT',
        value: undefined,
        comment: 'Positions are zero-based pixels; columns ending in E are electrons.',
      },
    ],
    columns: columnsOf(rows).map((name) => ({
      name,
      unit: UNITS.find(([ending]) => name.endsWith(ending))?.[1],
      values: WHOLE.has(name)
        ? Int32Array.from(rows, (row) => row[name] ?? 0)
        : Float64Array.from(rows, (row) => row[name] ?? Number.NaN),
    })),
  };
}

/** Lay a catalogue out for people, brightest first. */
export function describeCatalogue(facts: CatalogueFacts, rows: readonly CatalogueRow[]): string {
  const summary = Object.entries(facts).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? +value.toPrecision(6) : value}`,
  );
  const hasSky = rows.some(({ raDeg }) => raDeg !== undefined);
  const number = (value: number | undefined, digits: number): string => value?.toFixed(digits) ?? '-';
  const table = rows.map((row) => [
    number(row.xPx, 3),
    number(row.yPx, 3),
    ...(hasSky ? [number(row.raDeg, 6), number(row.decDeg, 6)] : []),
    number(row.snr, 1),
    number(row.fluxE, 0),
    number(row.fluxPsfE, 0),
    number(row.fwhmPx, 2),
    number(row.flags, 0),
  ]);
  const sky = hasSky ? ['RA deg', 'Dec deg'] : [];
  const head = ['x px', 'y px', ...sky, 'S/N', 'Kron e-', 'PSF e-', 'FWHM px', 'flags'];
  const lines = [summary.join(', '), `${count(rows.length, 'source')}, brightest first`];
  return [...lines, ...(rows.length > 0 ? [formatTable(head, table)] : [])].join('\n');
}

function columnsOf(rows: readonly CatalogueRow[]): readonly string[] {
  return rows[0] ? Object.keys(rows[0]).filter((name) => rows.some((row) => row[name] !== undefined)) : [];
}
