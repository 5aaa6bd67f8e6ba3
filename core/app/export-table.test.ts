import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { columnNumbers, openFitsBytes, tableColumn } from '../adapters/imaging/index.ts';
import type { ExportName } from '../domains/catalog/index.ts';
import type { CatalogDetection, CatalogLabel, ExportFormat, SkyObjectRecord } from '../pipeline/index.ts';
import { type ExportSource, exportTable } from './export-table.ts';

const GOLDEN = fileURLToPath(new URL('../../tests/golden/exports', import.meta.url));

const id = (n: number): string => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** Three detections: one with everything, one without coordinates or magnitude, one with a difficult name. */
const detections: readonly CatalogDetection[] = [
  {
    id: id(1),
    runId: id(9),
    exposureName: 'Ångström "2" <a&b>, c',
    band: 'r',
    midpointMjdTai: 60_000.123456789,
    objectId: id(20),
    objectName: 'AstrID J004000.00+003000.0',
    rank: 1,
    score: 0.875,
    modelVersion: 'real-bogus/1',
    snr: 12.25,
    scorr: -12.5,
    mag: 21.0625,
    fluxE: -1234.5,
    fluxErrE: 100.125,
    raDeg: 10.000000123456,
    decDeg: -0.5,
    xPx: 288.0625,
    yPx: 214.875,
    isNegative: true,
    isVetoed: false,
    verdict: 'real',
    tripletSha256: '0'.repeat(64),
  },
  {
    id: id(2),
    runId: id(9),
    rank: 2,
    score: 1e-7,
    modelVersion: 'real-bogus/1',
    snr: 5,
    scorr: 5,
    fluxE: 1e12,
    fluxErrE: 2e11,
    xPx: 0,
    yPx: 0,
    isNegative: false,
    isVetoed: false,
    tripletSha256: '1'.repeat(64),
  },
];
const objects: readonly SkyObjectRecord[] = [
  {
    id: id(20),
    name: 'AstrID J004000.00+003000.0',
    raDeg: 10,
    decDeg: 0.5,
    positionErrArcsec: 0.125,
    detectionCount: 2,
    firstMjdTai: 60_000.5,
    lastMjdTai: 60_010.25,
    score: 0.9,
    snr: 20,
    verdict: 'real',
  },
];
const labels: readonly CatalogLabel[] = [
  {
    id: id(30),
    candidateId: id(1),
    runId: id(9),
    verdict: 'bogus',
    classId: 'dipole',
    purpose: 'work',
    reason: 'a line\nand another, with "quotes"',
    curator: 'Jürgen',
    decidedAt: '2026-03-01T04:05:06.789Z',
    decisionMs: 850,
    scoreVisible: false,
  },
];
const source: ExportSource = {
  readDetections: async function* () {
    for (const detection of detections) yield [detection];
  },
  readObjects: async function* () {
    yield objects;
  },
  readLabels: async function* () {
    yield labels;
  },
  associateRemaining: async () => 0,
};

async function* noRows(): AsyncGenerator<never> {
  // Nothing was found.
}

async function write(
  name: ExportName,
  format: ExportFormat,
  from: ExportSource = source,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of exportTable(from, name, format, {})) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bufferOf = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer as ArrayBuffer;

describe('an exported table', () => {
  test('as CSV quotes what has commas, quotes and line ends, and leaves empty what is absent', async () => {
    const [head, first, second] = textOf(await write('candidates', 'csv')).split('\r\n');
    expect(head).toMatch(/^id,objectName,runId,exposureName,band,midpointMjdTai,raDeg,decDeg,/);
    expect(first).toContain(',"Ångström ""2"" <a&b>, c",r,60000.123456789,10.000000123456,-0.5,');
    expect(second).toContain(`${id(2)},,${id(9)},,,,,,0,0,1000000000000,`);
    expect(textOf(await write('labels', 'csv'))).toContain('"a line\nand another, with ""quotes"""');
  });

  test('as Parquet is read back to the last digit, with its nulls and units', async () => {
    const file = bufferOf(await write('candidates', 'parquet'));
    const rows = await parquetReadObjects({ file });
    expect(rows).toHaveLength(2);
    const { objectId, tripletSha256, ...told } = detections[0]!;
    expect(rows[0]).toEqual(told);
    expect(rows[1]).toMatchObject({ raDeg: null, mag: null, verdict: null, fluxE: 1e12, isNegative: false });
    const metadata = parquetMetadata(file);
    const votable = metadata.key_value_metadata?.find(
      ({ key }) => key === 'IVOA.VOTable-Parquet.content',
    )?.value;
    expect(votable).toContain('<FIELD name="raDeg" datatype="double" unit="deg" ucd="pos.eq.ra;meta.main"');
    expect(votable).not.toContain('TABLEDATA');
  });

  test('as FITS is read back by the FITS reader', async () => {
    const file = await openFitsBytes(await write('candidates', 'fits'), 'candidates');
    const table = await file.readTable(1);
    expect([...columnNumbers(tableColumn(table, 'fluxE')!)!]).toEqual([-1234.5, 1e12]);
    expect([...columnNumbers(tableColumn(table, 'raDeg')!)!]).toEqual([10.000000123456, Number.NaN]);
    expect([...columnNumbers(tableColumn(table, 'rank')!)!]).toEqual([1, 2]);
  });

  test('as DS9 regions has a circle for what has a place', async () => {
    expect(textOf(await write('candidates', 'ds9'))).toBe(
      '# Region file format: DS9 version 4.1\nicrs\n' +
        'circle(10.0000001235,-0.5,2") # color=green text={AstrID J004000.00+003000.0 0.88}\n',
    );
    expect(() => exportTable(source, 'labels', 'ds9', {})).toThrow('no place');
  });

  test('without rows is a whole file in every format', async () => {
    const nothing: ExportSource = { ...source, readDetections: () => noRows() };
    expect(textOf(await write('candidates', 'votable', nothing))).toMatch(/<TABLEDATA>\s*<\/TABLEDATA>/);
    expect(
      await parquetReadObjects({ file: bufferOf(await write('candidates', 'parquet', nothing)) }),
    ).toEqual([]);
    const file = await openFitsBytes(await write('candidates', 'fits', nothing), 'nothing');
    expect((await file.readTable(1)).rowCount).toBe(0);
  });

  test('ends its source when nobody reads on', async () => {
    for (const format of ['csv', 'votable', 'parquet', 'fits'] as const) {
      let ended = false;
      const endless: ExportSource = {
        ...source,
        readDetections: async function* () {
          try {
            for (let n = 0; format !== 'fits' || n < 5; n++) yield Array(5000).fill(detections[0]);
          } finally {
            ended = true;
          }
        },
      };
      const chunks = exportTable(endless, 'candidates', format, {});
      await chunks.next();
      await chunks.next();
      await chunks.return(undefined);
      expect(ended, format).toBe(true);
    }
  });
});

describe('what astropy reads', () => {
  // make-exports.py reads these very bytes and writes what it found: bytes that change ask for it again.
  const files: readonly (readonly [name: ExportName, format: ExportFormat, ending: string])[] = [
    ['candidates', 'votable', 'vot'],
    ['candidates', 'fits', 'fits'],
    ['objects', 'votable', 'vot'],
    ['labels', 'votable', 'vot'],
    ['labels', 'fits', 'fits'],
  ];
  const found = existsSync(`${GOLDEN}/astropy.json`)
    ? (JSON.parse(readFileSync(`${GOLDEN}/astropy.json`, 'utf8')) as Record<
        string,
        { warnings: string[]; units: Record<string, string>; rows: Record<string, unknown>[] }
      >)
    : {};

  test.each(files)('%s as %s is what was written', async (name, format, ending) => {
    const bytes = await write(name, format);
    const path = `${GOLDEN}/${name}.${ending}`;
    if (process.env.ASTRID_MAKE_GOLDEN) writeFileSync(path, bytes);
    expect(Buffer.from(readFileSync(path)).equals(bytes)).toBe(true);
    const { warnings, units, rows } = found[`${name}.${ending}`]!;
    expect(warnings).toEqual([]);
    if (name === 'candidates')
      expect(units).toMatchObject({ raDeg: 'deg', fluxE: 'ct', midpointMjdTai: 'd' });
    const written = { candidates: detections, detections, objects, labels }[name] as readonly object[];
    expect(rows).toHaveLength(written.length);
    for (const [position, row] of written.entries())
      for (const [column, value] of Object.entries(rows[position]!)) {
        const own = (row as Record<string, unknown>)[column];
        // FITS tables are ASCII.
        if (format === 'fits' && typeof own === 'string')
          expect(value, column).toBe(own.replace(/[^\x20-\x7e]/g, (letter) => (letter === '\n' ? ' ' : '?')));
        else expect(value ?? undefined, column).toEqual(own ?? (typeof value === 'string' ? '' : undefined));
      }
  });
});
